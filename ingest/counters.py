"""What a running step counter grew by. Pure: from the readings of one counter to the segments of one civil day.

A reading alone tells nothing (unless the counter begins again at midnight); two tell what was walked between them.
Where the counter falls, it began anew, or an old reading was sent again; which of these is decided here and nowhere
else, by what a person can walk. The bounds are ours.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from store.model import Flag

DAY = 86_400.0  # seconds
GAP = 2 * DAY  # read once each civil day, a counter is never read further apart; more can't be told to a day
PACE = 250 / 60  # steps a second: nobody keeps up a faster run
SLACK = 600.0  # seconds: a reading without a time of its own has that of its arrival, and arrivals come in bunches

RESTORED = int(Flag.RESTORED)
_AHEAD = 9 * 3600.0  # the civil day's offset (store/clock.py), in seconds


class Segment(NamedTuple):
    """Steps of one source in ``start <= t < end`` (seconds since 1970); at one moment where the two are equal."""

    start: float
    end: float
    source_id: int
    steps: float
    flags: int = 0  # Flag.RESTORED: the counter began anew in it


@dataclass(frozen=True, slots=True)
class Device:
    """What is known of a step source. ``rank``: its place in the person's own order, 0 first."""

    rank: int | None = None
    modulus: int = 0  # the counter begins again at 0 after modulus - 1
    daily: bool = False  # the counter begins again at midnight


@dataclass(slots=True)
class _Run:
    """A counter since it began anew.

    ``mark``: its highest; ``before``: the mark of the run before this one; ``doubt``: since when, and at what, it shows
    what is taken for old readings.
    """

    at: float  # of the last reading
    mark: float
    marked_at: float
    seen: set[float]
    before: float | None = None
    doubt: tuple[float, float] | None = None

    def saw(self, value: float) -> set[float]:
        """All that it showed this day, with this: a run ends when the next one begins, so they may share it."""
        self.seen.add(value)
        return self.seen


class _Growth(NamedTuple):
    since: float
    at: float
    steps: float
    flags: int


def grown(source_id: int, shown: Sequence[tuple[float, float]], start: float, device: Device) -> list[Segment]:
    """What the counter grew by in the civil day from ``start``: a segment for each growth, also where it is 0.

    ``shown``: (time, value) ascending in time, with everything from ``GAP`` before the day to ``GAP`` after it. Growth
    across midnight is split by time. A day rests on its own readings, on those of the day that was read last before,
    and on the first reading after: so a late reading changes no day beyond its neighbours in time.
    """
    stop = start + DAY
    first, after = bisect_left(shown, (start,)), bisect_left(shown, (stop,))
    inside = shown[first:after]
    run = _after_day_before(shown, first, device) if first and shown[first - 1][0] >= start - GAP else None
    found = []
    if inside:
        found = _follow(run, inside, device)[1]
        run = _follow(None, inside, device)[0]
    found += _follow(run, shown[after : after + 1], device)[1]
    whole = [Segment(since, at, source_id, steps, flags) for since, at, steps, flags in found]
    return [part for one in whole if (part := clipped(one, start, stop)) is not None]


def clipped(one: Segment, start: float, stop: float) -> Segment | None:
    """The part of it in ``start <= t < stop``, its steps split by time; None when there is none."""
    if start <= one.start < stop and one.end <= stop:
        return one
    first, last = max(one.start, start), min(one.end, stop)
    if first >= last:
        return None
    return one._replace(start=first, end=last, steps=one.steps * ((last - first) / (one.end - one.start)))


def midnight(at: float) -> float:
    """The Japanese midnight at or last before ``at``, in seconds since 1970."""
    return (at + _AHEAD) // DAY * DAY - _AHEAD


def _after_day_before(shown: Sequence[tuple[float, float]], first: int, device: Device) -> _Run | None:
    """Where the counter stood at the end of the day that was read last before ``shown[first]``, from that day alone."""
    dawn = bisect_left(shown, (midnight(shown[first - 1][0]),), 0, first)
    return _follow(None, shown[dawn:first], device)[0]


def _follow(
    run: _Run | None, shown: Iterable[tuple[float, float]], device: Device
) -> tuple[_Run | None, list[_Growth]]:
    found = []
    for at, value in shown:
        if run is None or at - run.at > GAP:
            growth, run = _begin(at, value, device)
        else:
            growth, run = _step(run, at, value, device)
        if growth is not None:
            found.append(growth)
    return run, found


def _begin(at: float, value: float, device: Device) -> tuple[_Growth | None, _Run]:
    """With nothing to compare, only a counter that begins again at midnight tells something: what it shows."""
    dawn = midnight(at)
    since_midnight = device.daily and value <= PACE * (at - dawn)
    return _Growth(dawn, at, value, 0) if since_midnight else None, _Run(at, value, at, {value})


def _step(run: _Run, at: float, value: float, device: Device) -> tuple[_Growth | None, _Run]:
    """One reading more: what it adds (None: an old reading again) and where the counter stands then."""
    if run.doubt is not None and at - run.doubt[0] > SLACK:  # no old readings: it began anew there
        run = _Run(run.at, run.doubt[1], run.doubt[0], run.seen, run.mark)
    dawn = midnight(at)
    crossed = run.at < dawn
    if crossed and device.daily and value != run.mark and value <= PACE * (at - dawn):
        return _Growth(dawn, at, value, 0), _Run(at, value, at, {value})
    if value >= run.mark:
        return _rise(run, at, value)
    if value in run.seen and not (crossed and device.daily):
        return _nothing(run, at, value)
    return _fall(run, at, value, device)


def _rise(run: _Run, at: float, value: float) -> tuple[_Growth | None, _Run]:
    """It counted on – or, when nobody walks that fast, it is where it stood before it began anew."""
    steps = value - run.mark
    if steps > _walkable(run, at):
        if value in run.seen:
            return _nothing(run, at, value)
        if run.before is not None and value >= run.before:
            steps = max(value - run.before - run.mark, 0.0)
    growth = _Growth(run.at, at, steps, 0)
    run.at, run.mark, run.marked_at, run.doubt = at, value, at, None
    run.seen.add(value)
    return growth, run


def _fall(run: _Run, at: float, value: float, device: Device) -> tuple[_Growth | None, _Run]:
    """It wrapped around, began anew, or (when neither can be) this is an old reading again.

    A wrap is believed within a quarter of the counter's width: half a day's walk is mostly less than that, and the
    count at which an empty battery sets a counter back is seldom so near to its end.
    """
    dawn = midnight(at)
    crossed = run.at < dawn
    wrapped = device.modulus - run.mark + value
    if 0 < wrapped <= device.modulus / 4 and wrapped <= _walkable(run, at) and not (crossed and device.daily):
        return _Growth(run.at, at, wrapped, RESTORED), _Run(at, value, at, run.saw(value))
    if value > _walkable(run, at):
        return _nothing(run, at, value)
    if crossed:
        return _Growth(dawn, at, value, RESTORED), _Run(at, value, at, {value})
    return _Growth(run.at, at, value, RESTORED), _Run(at, value, at, run.saw(value), run.mark)


def _nothing(run: _Run, at: float, value: float) -> tuple[None, _Run]:
    """An old reading again, sent a second time: the counter is back at its mark within ``SLACK``, or it began anew."""
    run.doubt = (run.doubt[0] if run.doubt else at, value)
    run.at = at
    return None, run


def _walkable(run: _Run, at: float) -> float:
    return PACE * (at - run.marked_at + SLACK)
