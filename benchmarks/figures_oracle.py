"""A second, slow and simple answer to "how many steps" and "which weight": exact fractions, everything compared.

It follows the rules as docs/figures.md tells them and shares no code with `ingest`. Of
counters it knows what the invented clip does: count on, and begin anew when the battery was empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

DAY = 86_400
Row = tuple[int, str, int, int, float]  # source, metric, at (seconds since 1970), seconds, value
Item = tuple[int, int, Fraction]  # start, end, steps


def day_of(rows: Sequence[Row], start: int, ranks: Mapping[int, int]) -> Fraction | None:
    """The steps of the civil day from ``start``; None when nothing tells of it."""
    items: dict[int, list[tuple[int, Item]]] = {}
    totals: dict[int, Fraction] = {}
    for source, metric, at, seconds, value in rows:
        if metric == "steps" and _touches(at, at + seconds, start):
            items.setdefault(source, []).append((seconds, _part(at, at + seconds, Fraction(value), start)))
        if metric == "steps_day" and start <= at < start + DAY:
            totals[source] = max(totals.get(source, Fraction(0)), Fraction(value))
    for source in {row[0] for row in rows if row[1] == "steps_counter"}:
        growths = _growths(
            [(at, value) for who, metric, at, _, value in rows if (who, metric) == (source, "steps_counter")]
        )
        parts = [(0, _part(*one, start)) for one in growths if _touches(one[0], one[1], start)]
        if parts:
            items.setdefault(source, []).extend((one[1] - one[0], one) for _, one in parts)
    if not items and not totals:
        return None
    return _merged(items, totals, ranks)


def _merged(
    items: Mapping[int, list[tuple[int, Item]]], totals: Mapping[int, Fraction], ranks: Mapping[int, int]
) -> Fraction:
    own = {
        source: _laid([one for _, one in sorted(items.get(source, []), key=_length)], [])
        for source in {*items, *totals}
    }
    told = [source for source in own if own[source] or totals.get(source)]
    order = sorted(
        told,
        key=lambda source: (
            ranks.get(source, 10**9),
            not own[source],
            -max(sum((one[2] for one in own[source]), Fraction(0)), totals.get(source, Fraction(0))),
            source,
        ),
    )
    ground: list[Item] = []
    for place, source in enumerate(order):
        ground = _laid(sorted(own[source]), ground)
        if place == 0 and source in ranks and totals.get(source):
            return max(totals[source], sum((one[2] for one in ground), Fraction(0)))
    return max([sum((one[2] for one in ground), Fraction(0)), *(totals.get(source, Fraction(0)) for source in order)])


def _length(one: tuple[int, Item]) -> tuple[int, Item]:
    return one[1][1] - one[1][0], one[1]


def _laid(items: Sequence[Item], ground: Sequence[Item]) -> list[Item]:
    lying = list(ground)
    for start, end, steps in items:
        if steps <= 0:
            continue
        under = [one for one in lying if one[0] < end and one[1] > start]
        free = _free(start, end, under)
        room = sum(b - a for a, b in free)
        more = steps - sum((_inside(one, start, end) for one in under), Fraction(0))
        if any(one[0] < start or one[1] > end for one in under):
            more = min(more, steps * room / (end - start))
        if more > 0 and room:
            lying += [(a, b, more * (b - a) / room) for a, b in free]
    return lying


def _free(start: int, end: int, under: Sequence[Item]) -> list[tuple[int, int]]:
    edges = sorted({start, end, *(edge for one in under for edge in one[:2] if start < edge < end)})
    return [(a, b) for a, b in pairwise(edges) if not any(one[0] <= a and b <= one[1] for one in under)]


def _inside(one: Item, start: int, end: int) -> Fraction:
    return one[2] * (min(one[1], end) - max(one[0], start)) / (one[1] - one[0])


def _touches(start: int, end: int, day: int) -> bool:
    return start < day + DAY and end > day


def _part(start: int, end: int, steps: Fraction, day: int) -> Item:
    first, last = max(start, day), min(end, day + DAY)
    return first, last, steps * (last - first) / (end - start)


def _growths(shown: Sequence[tuple[int, float]]) -> list[tuple[int, int, Fraction]]:
    found = []
    for (before, low), (at, high) in pairwise(sorted(shown)):
        if at - before > 2 * DAY:
            continue
        since = max(before, (at + 9 * 3600) // DAY * DAY - 9 * 3600) if high < low else before
        if since < at:
            found.append((since, at, Fraction(high if high < low else high - low)))
    return found


def weights_of(rows: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """The weighings (time, kg) that a body can have done, in the same order."""
    return [one for one in rows if not _is_jump(one, rows)]


def _is_jump(one: tuple[int, float], rows: Sequence[tuple[int, float]]) -> bool:
    near = [other for other in rows if abs(other[0] - one[0]) <= 14 * DAY]
    others = [other for other in near if other is not one]
    if 2 * sum(_agree(one, other) for other in others) >= len(others) or (len(others) == 1 and near[0] is one):
        return False
    return not any(_confirmed(one, way) for way in (reversed(near[: near.index(one)]), near[near.index(one) + 1 :]))


def _confirmed(one: tuple[int, float], way: Iterable[tuple[int, float]]) -> bool:
    for other in way:
        if not _agree(one, other):
            return False
        if abs(other[0] - one[0]) >= DAY / 2:
            return True
    return False


def _agree(one: tuple[int, float], other: tuple[int, float]) -> bool:
    return abs(one[1] - other[1]) <= max(6, 0.08 * max(one[1], other[1]))
