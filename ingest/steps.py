"""One person's steps of one civil day from all devices: never summed twice, never dropped. Pure.

The outcome rests on which readings are stored, not on when or in which order they came:

1. Of each source the intervals, and the growth of its counter (``ingest.counters``), are laid out in time: short ones
   first; a longer one (sent again after a re-sync, or crossing others) adds only what exceeds what is counted inside
   it already, in the time of it that is still free.
2. Sources follow each other in the person's own order of devices; after those, who counted most that day, for a device
   that lies on the table counts too little and none counts far too much. What a later source says of a time is added
   by the same rule: only what exceeds, only where nobody before it counted a step.
3. A total of the whole day has no time. Of the source that the person put first it is the day (its own segments may
   exceed it); of any other it counts only where it exceeds everything counted so far.

Sleep goes the same way (``lay``): two bands in one bed sleep once.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, inf
from typing import NamedTuple

from ingest.counters import DAY, Device, Segment, clipped, grown

_UNKNOWN = Device()


Shown = Sequence[tuple[float, float]]  # what a counter showed: (seconds since 1970, value), ascending


class Count(NamedTuple):
    """One stored number of ``steps`` (an interval) or ``steps_day``. ``at`` in seconds since 1970."""

    source_id: int
    metric: str
    at: float
    seconds: int
    value: float


@dataclass(frozen=True, slots=True)
class Merged:
    """The day. ``n`` numbers told of it. ``segments``: who gave what, ascending in time, positive ones alone.

    A segment of the whole day is what a day's total added: its hours are not known.
    """

    total: float
    n: int
    segments: tuple[Segment, ...]


@dataclass(slots=True)
class _Source:
    source_id: int
    device: Device
    n: int
    laid: list[Segment]
    day_total: float  # 0: none

    def place(self) -> tuple[float, bool, float, int]:
        """Its place among the day's sources."""
        rank = inf if self.device.rank is None else self.device.rank
        own = fsum(one.steps for one in self.laid)
        return rank, not self.laid, -max(own, self.day_total), self.source_id


def merge(
    counts: Iterable[Count], counters: Mapping[int, Shown], start: float, devices: Mapping[int, Device]
) -> Merged | None:
    """The day that begins at ``start`` (seconds since 1970), or None when nothing tells of it.

    ``counts``: every interval and day total that touches the day. ``counters``: by source, at least all that they
    showed from ``counters.GAP`` before the day to ``GAP`` after it. ``devices``: what is known of a source.
    """
    found = [one for one in _sources(counts, counters, start, devices) if one.n]
    if not found:
        return None
    told = sorted((one for one in found if one.laid or one.day_total), key=_Source.place)
    segments = _merged(told, start)
    return Merged(fsum(one.steps for one in segments), sum(one.n for one in found), tuple(segments))


def lay(items: Sequence[Segment], ground: list[Segment] | None = None) -> list[Segment]:
    """Lay items out in the given order on what lies there already; returns it all, ascending, nothing overlapping.

    Each adds what exceeds what is counted inside it, in its free time, split by time. Nought takes no room. Where what
    lies there reaches beyond the item, the item adds no more than its own share of the free time.
    """
    ground = [] if ground is None else ground
    for item in items:
        if item.steps > 0:
            _lay_one(item, ground)
    return ground


def finest_first(items: Iterable[Segment]) -> list[Segment]:
    """The order in which the items of one source are laid."""
    return sorted(items, key=lambda one: (one.end - one.start, one))


def _sources(
    counts: Iterable[Count], counters: Mapping[int, Shown], start: float, devices: Mapping[int, Device]
) -> Iterator[_Source]:
    items: dict[int, list[Segment]] = defaultdict(list)
    totals: dict[int, list[float]] = defaultdict(list)
    for source, metric, at, seconds, value in counts:
        if metric == "steps_day":
            if start <= at < start + DAY:
                totals[source].append(value)
        elif (part := clipped(Segment(at, at + seconds, source, value), start, start + DAY)) is not None:
            items[source].append(part)
    for source, shown in counters.items():
        items[source] += grown(source, shown, start, devices.get(source, _UNKNOWN))
    for source in {**items, **totals}:
        n = len(items[source]) + len(totals[source])
        device = devices.get(source, _UNKNOWN)
        yield _Source(source, device, n, _laid(items[source]), max(totals[source], default=0.0))


def _laid(items: list[Segment]) -> list[Segment]:
    """As ``lay(finest_first(items))``; where nothing overlaps, which is usual, nothing is to be compared."""
    items.sort()
    if all(one.start < after.start >= one.end for one, after in pairwise(items)):
        return [one for one in items if one.steps > 0]
    return lay(finest_first(items))


def _merged(sources: Sequence[_Source], start: float) -> list[Segment]:
    ground: list[Segment] = []
    for source in sources:
        ground = lay(source.laid, ground) if ground else list(source.laid)
        if source is sources[0] and source.day_total and source.device.rank is not None:
            return _with_total(ground, source, start)
    for source in sources:
        ground = _with_total(ground, source, start)
    return ground


def _with_total(ground: list[Segment], source: _Source, start: float) -> list[Segment]:
    more = source.day_total - fsum(one.steps for one in ground)
    return [*ground, Segment(start, start + DAY, source.source_id, more)] if more > 0 else ground


def _lay_one(item: Segment, ground: list[Segment]) -> None:
    under = _under(item, ground)
    free = _free(item, under)
    room = fsum(end - start for start, end in free)
    more = item.steps - fsum(_share(one, item) for one in under)
    if any(one.start < item.start or one.end > item.end for one in under):
        # how much of that lies inside the item is only guessed: no more than the item's own share of the free time
        more = min(more, item.steps * (room / ((item.end - item.start) or 1.0)))
    if more <= 0:
        return
    for start, end in free:
        part = (end - start) / room if room else 1.0
        insort(ground, item._replace(start=start, end=end, steps=more * part))


def _under(item: Segment, ground: Sequence[Segment]) -> list[Segment]:
    """What lies in the item's time. A moment lies in what begins with it."""
    first = bisect_right(ground, (item.start,))
    while first and ground[first - 1].end > item.start:
        first -= 1
    under = []
    for one in ground[first:]:
        if one.start >= item.end and one.start != item.start:
            break
        under.append(one)
    return under


def _free(item: Segment, under: Sequence[Segment]) -> list[tuple[float, float]]:
    if item.start == item.end:
        return [] if under else [(item.start, item.end)]
    free, at = [], item.start
    for one in under:
        if one.start > at:
            free.append((at, one.start))
        at = max(at, one.end)
    return [*free, (at, item.end)] if at < item.end else free


def _share(one: Segment, item: Segment) -> float:
    """The steps of ``one`` that lie in the item's time."""
    if one.start >= item.start and one.end <= item.end:
        return one.steps
    return one.steps * ((min(one.end, item.end) - max(one.start, item.start)) / (one.end - one.start))
