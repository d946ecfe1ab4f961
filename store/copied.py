"""A batch of readings made ready for PostgreSQL: in the order of its key, and what it changes elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from struct import Struct
from typing import Final, NamedTuple

from msgspec.structs import astuple

from store.clock import JST
from store.metrics import DAILY
from store.model import Reading

COLUMNS: Final = "person_id, metric, at, source_id, value, seconds, flags, received_at, utc_offset"

# As COLUMNS, with moments as µs since 2000-01-01Z, and behind the key its place (``place``): of readings with the same
# key the first one counts.
Row = tuple[int, str, int, int, int, float, int, int, int, int]

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MIDNIGHT = int((_EPOCH - datetime(2000, 1, 1, tzinfo=JST)).total_seconds()) * 1_000_000  # µs
_DAY = 86_400_000_000  # µs
_FIRST_DAY = date(2000, 1, 1).toordinal()
_NEVER, _FOR_EVER = -(2**63), 2**63
_LONGEST_BATCH = 2**20  # readings
_SERIES = itemgetter(0, 1)  # person, metric


class Touched(NamedTuple):
    """``days``: whose civil days (+09:00) have other figures now. ``newest``: of each (person, metric) the last row."""

    days: dict[date, list[int]]
    newest: list[Row]


def in_key_order(batch: Iterable[Reading], rows: Iterable[Row] = ()) -> list[Row]:
    """Sorted by the key: index pages are touched in order, and two writers lock rows in the same order.

    ``rows``: those of the batch that are rows already.
    """
    rows = list(rows)
    zone, epoch, heard, received = None, _EPOCH, _EPOCH, 0
    for number, reading in enumerate(batch):
        person, metric, at, source, value, seconds, flags, received_at, offset = astuple(reading)
        if at.tzinfo is not zone:
            zone = at.tzinfo
            epoch = _in(zone, _EPOCH)
        if received_at is not heard:  # the readings of one message share it
            heard, received = received_at, moment_of(received_at)
        since = at - epoch
        moment = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        place = received * _LONGEST_BATCH + number
        rows.append((person, metric, moment, source, place, value, seconds, flags, received, offset))
    rows.sort()
    return rows


def moment_of(at: datetime) -> int:
    """µs since 2000-01-01Z."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def place(received: int) -> int:
    """The place of all rows of a message, which has no key twice: what was heard first comes first."""
    return received * _LONGEST_BATCH


def reading(row: Row) -> Reading:
    """What the row says, its times in the offset in which the device said them."""
    person, metric, at, source, _, value, seconds, flags, received, offset = row
    zone = timezone(timedelta(minutes=offset))
    said, heard = ((_EPOCH + timedelta(microseconds=moment)).astimezone(zone) for moment in (at, received))
    return Reading(person, metric, said, source, value, seconds, flags, heard, offset)


def _in(zone: tzinfo | None, moment: datetime) -> datetime:
    # Within one fixed offset a difference takes a tenth of the time that it takes between two zones.
    return moment.astimezone(zone) if type(zone) is timezone else moment


def touched(rows: Sequence[Row]) -> Touched:
    """What rows in the order of the key change elsewhere; an interval touches every civil day that it reaches into."""
    days: dict[int, list[int]] = {}
    newest: list[Row] = []
    for (person, metric), series in groupby(rows, _SERIES):
        noted = _NEVER if metric in DAILY else _FOR_EVER
        for row in series:
            at, seconds = row[2], row[6]
            until = at + (seconds - 1) * 1_000_000 if seconds > 1 else at
            if until >= noted:
                noted = _note(days, person, at, until)
        newest.append(row)
    return Touched({date.fromordinal(_FIRST_DAY + day): people for day, people in days.items()}, newest)


def _note(days: dict[int, list[int]], person: int, at: int, until: int) -> int:
    """Note the person under every day from ``at`` to ``until``; returns where the last of them ends."""
    last = (until + _MIDNIGHT) // _DAY
    for day in range((at + _MIDNIGHT) // _DAY, last + 1):
        people = days.setdefault(day, [])
        if not people or people[-1] != person:
            people.append(person)
    return (last + 1) * _DAY - _MIDNIGHT


# Binary COPY (PostgreSQL documentation, COPY, "Binary Format"): a head, then of every row how many columns follow and
# of every column its length and its bytes, big-endian; -1 ends it.
HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
_BEGIN, _8, _4, _2 = b"\0\x09\0\0\0\x08", b"\0\0\0\x08", b"\0\0\0\x04", b"\0\0\0\x02"


def binary(rows: Iterable[Row]) -> bytes:
    """The rows' COLUMNS for ``copy … from stdin (format binary)``, between HEAD and END.

    In a third of the driver's time. Raises struct.error for a number that its column can't hold.
    """
    said = []
    for person, metric, at, source, _, value, seconds, flags, received, offset in rows:
        pack, name = _packer(metric)
        said.append(
            pack(_BEGIN, person, name, at, _8, source, _8, value, _4, seconds, _2, flags, _8, received, _2, offset)
        )
    return b"".join(said)


@lru_cache(maxsize=1000)
def _packer(metric: str) -> tuple[Callable[..., bytes], bytes]:
    word = metric.encode()
    name = len(word).to_bytes(4, "big") + word + _8
    return Struct(f">6sq{len(name)}sq4sq4sd4si4sh4sq4sh").pack, name


def array_text(numbers_or_words: Iterable[object]) -> str:
    """PostgreSQL's text form of an array of numbers, dates or plain words, to be cast by the query.

    The driver's own way asks for the type of every element: several times the time.
    """
    return f"{{{','.join(map(str, numbers_or_words))}}}"
