"""Which device gave which steps of a day, as people read it: few spells instead of hundreds of segments. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ingest.counters import DAY, RESTORED, Segment
from store.clock import JST

PAUSE = 1800.0  # seconds: a device that goes on after a shorter pause goes on with the same spell


@dataclass(frozen=True, slots=True)
class Spell:
    """Steps of one device. ``whole_day``: what a total of the day added, whose hours nobody knows.

    ``began_anew``: the device's counter began anew within it (battery, wrap), so part of it was put together.
    """

    source_id: int
    source: str
    since: datetime
    until: datetime
    steps: float
    whole_day: bool = False
    began_anew: bool = False


def spells(segments: Iterable[Segment], labels: Mapping[int, str], *, pause: float | None = PAUSE) -> list[Spell]:
    """Ascending in time; neighbours of one device are one spell, unless another device's lie between them.

    ``pause`` None: every segment is a spell of its own.
    """
    joined: list[Segment] = []
    for one in segments:
        last = joined[-1] if joined else None
        if last and pause is not None and _goes_on(last, one, pause):
            joined[-1] = last._replace(end=one.end, steps=last.steps + one.steps, flags=last.flags | one.flags)
        else:
            joined.append(one)
    return [_spell(one, labels.get(one.source_id, "")) for one in joined]


def by_device(found: Iterable[Spell]) -> list[tuple[str, float]]:
    """Each device's part of the day, the largest first; a device is known by its label."""
    parts: dict[str, float] = {}
    for one in found:
        parts[one.source] = parts.get(one.source, 0.0) + one.steps
    return sorted(parts.items(), key=lambda part: (-part[1], part[0]))


def _goes_on(last: Segment, one: Segment, pause: float) -> bool:
    whole = last.end - last.start >= DAY or one.end - one.start >= DAY
    return last.source_id == one.source_id and one.start - last.end <= pause and not whole


def _spell(one: Segment, label: str) -> Spell:
    since, until = (datetime.fromtimestamp(moment, JST) for moment in (one.start, one.end))
    whole = one.end - one.start >= DAY
    return Spell(one.source_id, label, since, until, one.steps, whole, bool(one.flags & RESTORED))
