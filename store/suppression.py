"""Which numbers of a table must be hidden so that no small group can be read or worked out from it. Pure.

The rule of NDBオープンデータ (No. 9-11): a group of 1 to 9 is hidden, a true 0 is shown; where a line has a single
hidden number, the smallest shown one goes as well, with all that equal it, or the difference to the total would tell.
Here for rows and columns with their totals, again and again until nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

ALL = "all"
Key = tuple[str, str]  # row and column; ALL: the total


def hidden(table: Mapping[Key, int], smallest: int = 10) -> set[Key]:
    """The keys whose numbers must not be shown. Every row and column must be there with its total, (ALL, ALL) too."""
    found = {key for key, number in table.items() if 0 < number < smallest}
    while more := {key for line in _lines(table) for key in _complement(line, table, found)}:
        found |= more
    return found


def _lines(table: Mapping[Key, int]) -> Iterator[list[Key]]:
    """Rows and columns, the total last."""
    rows, columns = ({key[side]: None for key in table if key[side] != ALL} for side in (0, 1))
    for row in (*rows, ALL):
        yield [(row, column) for column in (*columns, ALL)]
    for column in (*columns, ALL):
        yield [(row, column) for row in (*rows, ALL)]


def _complement(line: list[Key], table: Mapping[Key, int], found: set[Key]) -> set[Key]:
    """What must go besides the single hidden number of this line."""
    if sum(key in found for key in line) != 1:
        return set()
    *parts, total = line
    shown = {key: table[key] for key in parts if key not in found and table[key] > 0}
    if not shown:
        return {total} - found
    least = min(shown.values())
    return {key for key, number in shown.items() if number == least}


def rounded(number: float, to: float) -> float:
    """The nearest multiple; of two equally near ones the larger."""
    return ((number + to / 2) // to) * to
