"""No small group can be read or worked out from what is shown: the rule's own examples, and any table."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from store.suppression import ALL, Key, hidden, rounded


def table(rows: list[list[int]]) -> dict[Key, int]:
    """With its totals."""
    full = [[*row, sum(row)] for row in rows]
    full.append([sum(column) for column in zip(*full, strict=True)])
    names = [[*map(str, range(len(side) - 1)), ALL] for side in (full, full[0])]
    return {(row, column): full[i][j] for i, row in enumerate(names[0]) for j, column in enumerate(names[1])}


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ([0, 5, 20, 12], [0, None, 20, None, 37]),
        ([5, 20, 12, 12], [None, 20, None, None, 49]),
        ([3, 4, 50], [None, None, 50, 57]),
        ([0, 0, 7], [0, 0, None, None]),
        ([10, 20], [10, 20, 30]),
    ],
)
def test_a_line_is_hidden_as_the_ndb_open_data_do(row: list[int], shown: list[int | None]) -> None:
    line = table([row])
    shut = hidden(line)
    assert [None if (ALL, key) in shut else line[ALL, key] for key in [*map(str, range(len(row))), ALL]] == shown


def test_a_column_tells_nothing_that_the_row_hides() -> None:
    shut = hidden(table([[5, 40, 30], [20, 50, 60], [30, 70, 80]]))
    assert {("0", "0"), ("0", "2"), ("1", "0"), ("1", "2")} <= shut
    assert {key for key in shut if key[0] == "2" or ALL in key} == set()  # enough is hidden without these


@pytest.mark.parametrize("seed", range(60))
def test_no_hidden_number_follows_from_those_that_are_shown(seed: int) -> None:
    random = Random(seed)
    sides = random.randint(1, 3), random.randint(1, 8)
    numbers = table([[random.choice((0, 3, 8, 11, 14, 40, 200)) for _ in range(sides[1])] for _ in range(sides[0])])
    shut = hidden(numbers)
    assert {key for key, number in numbers.items() if 0 < number < 10} <= shut
    assert _known(numbers, shut) == set()


def test_numbers_are_rounded_to_the_nearest_step() -> None:
    assert [rounded(number, 10) for number in (10, 14, 15, 24.9, 0)] == [10, 10, 20, 20, 0]
    assert rounded(61.26, 0.5) == 61.5


def _known(numbers: dict[Key, int], shut: set[Key]) -> set[Key]:
    """Whose numbers follow from the sums: the unknown that stand alone in a reduced row of the equations."""
    unknown = sorted(shut)
    rows, columns = ({key[side] for key in numbers} for side in (0, 1))
    lines = [[(row, column) for column in columns] for row in rows]
    lines += [[(row, column) for row in rows] for column in columns]
    equations = []
    for line in lines:
        signs = {key: Fraction(-1 if _is_total(key, line) else 1) for key in line}
        equations.append([signs.get(key, Fraction(0)) for key in unknown])
    alone = [row for row in _reduced(equations) if sum(value != 0 for value in row) == 1]
    return {unknown[next(i for i, value in enumerate(row) if value)] for row in alone}


def _is_total(key: Key, line: list[Key]) -> bool:
    side = 0 if len({row for row, _ in line}) > 1 else 1
    return key[side] == ALL


def _reduced(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    done = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(done, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [value / rows[done][column] for value in rows[done]]
        for i in range(len(rows)):
            if i != done and rows[i][column]:
                rows[i] = [a - rows[i][column] * b for a, b in zip(rows[i], rows[done], strict=True)]
        done += 1
    return rows
