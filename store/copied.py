"""A batch of readings made ready for PostgreSQL: in the order of its key, and what it changes elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timezone, tzinfo
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple

from store.clock import JST
from store.model import Reading

COLUMNS: Final = "person_id, metric, at, source_id, value, seconds, flags, received_at, utc_offset"
TYPES: Final = ("int8", "text", "timestamptz", "int8", "float8", "int4", "int2", "timestamptz", "int2")

_KEY = attrgetter("person_id", "metric", "at", "source_id")
_FIRST_DAY = datetime(2000, 1, 1, tzinfo=JST)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Touched(NamedTuple):
    """``days``: (person, civil day) pairs. ``newest``: of each (person, metric) the last row, as (person, metric,
    µs since 2000-01-01Z, value, source)."""

    days: list[tuple[int, date]]
    newest: list[tuple[int, str, int, float, int]]


def in_key_order(batch: Iterable[Reading]) -> list[Reading]:
    """Sorted by the key: index pages are touched in order, and two writers lock rows in the same order (no deadlock).

    Readings of the same key stay in their order: the first value counts.
    """
    return sorted(batch, key=_KEY)


def touched(rows: Sequence[Reading]) -> Touched:
    """What rows in the order of the key change elsewhere."""
    newest = {(row.person_id, row.metric): row for row in rows}
    return Touched(_days(rows), _in_microseconds(newest.values()))


def _days(rows: Sequence[Reading]) -> list[tuple[int, date]]:
    """The civil days (+09:00); an interval touches every day that it reaches into."""
    found: set[tuple[int, int]] = set()
    zone, first = None, _FIRST_DAY
    for row in rows:
        if row.at.tzinfo is not zone:
            zone = row.at.tzinfo
            first = _in(zone, _FIRST_DAY)
        since = row.at - first
        found.add((row.person_id, since.days))
        if row.seconds > 1:
            last = since.days + (since.seconds + row.seconds - 1) // 86_400
            found.update([(row.person_id, day) for day in range(since.days + 1, last + 1)])
    return [(person, _date(day)) for person, day in sorted(found)]


def _in_microseconds(rows: Iterable[Reading]) -> list[tuple[int, str, int, float, int]]:
    said: list[tuple[int, str, int, float, int]] = []
    zone, epoch = None, _EPOCH
    for row in rows:
        if row.at.tzinfo is not zone:
            zone = row.at.tzinfo
            epoch = _in(zone, _EPOCH)
        since = row.at - epoch
        at = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        said.append((row.person_id, row.metric, at, row.value, row.source_id))
    return said


def _in(zone: tzinfo | None, moment: datetime) -> datetime:
    # Within one fixed offset a difference takes a tenth of the time that it takes between two zones.
    return moment.astimezone(zone) if type(zone) is timezone else moment


@lru_cache(maxsize=1000)
def _date(day: int) -> date:
    return date.fromordinal(_FIRST_DAY.toordinal() + day)


def array_text(numbers_or_words: Iterable[object]) -> str:
    """PostgreSQL's text form of an array of numbers, dates or plain words, to be cast by the query.

    The driver's own way asks for the type of every element: several times the time.
    """
    return f"{{{','.join(map(str, numbers_or_words))}}}"
