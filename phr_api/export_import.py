"""A copy made elsewhere is taken in: the person with readings, records, consents as history, devices as history.

Everything gets new numbers here. Day figures, newest values and advice are computed anew from what comes in.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID
from zipfile import BadZipFile, ZipFile

import msgspec
import psycopg
from psycopg.errors import ProgramLimitExceeded

from phr_api.export_changes import CHANGES, NUMBERED, Here, Row, insert
from phr_api.export_files import FORMAT, VERSION
from store import addresses, consent_words, consents, crockford, households, people, readings, record_readings
from store.consents import Consent
from store.metrics import METRICS
from store.model import Flag, Reading

MOST_BYTES = 500_000_000  # of export.json: twenty years of somebody who measures every minute stay below
_BATCH = 5000
_PROVEN_BY_CODE = ("email", "sms")
Tell = Callable[[int, int], None]


class NotAnExport(Exception):
    """The file is no copy that can be taken in; the message says why and repeats nothing of it."""


_Text = Annotated[str, msgspec.Meta(max_length=500)]


class _Address(msgspec.Struct):
    channel: str
    address: Annotated[str, msgspec.Meta(max_length=5000)]


class _Person(msgspec.Struct):
    public_id: UUID
    birth_date: date
    sex: Literal["male", "female", "other", "unknown"]
    town: Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$")]
    name: _Text = ""
    kana: _Text | None = None
    phone: _Text | None = None
    email: _Text | None = None
    address: _Text | None = None
    addresses: list[_Address] = []


class Copy(msgspec.Struct):
    """``export.json``: the person, and rows by table."""

    format: str
    version: int
    made_at: datetime
    person: _Person
    tables: dict[str, list[Row]]


class _Number(msgspec.Struct):
    metric: str
    at: datetime
    source_id: int
    value: float
    seconds: int
    flags: int
    utc_offset: int
    received_at: datetime


@dataclass(slots=True)
class Report:
    """How many rows came in, by table; ``not_kept``: readings of a metric or value that is not known here."""

    person_id: int
    rows: dict[str, int] = field(default_factory=dict)
    not_kept: int = 0


_NO_COPY = (BadZipFile, KeyError, EOFError, zlib.error, msgspec.DecodeError, NotImplementedError, RuntimeError)


_NO_ROW = (
    *(psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError, ProgramLimitExceeded),
    *(msgspec.ValidationError, KeyError, ValueError, TypeError, AttributeError),
)


def read(path: Path) -> Copy:
    """The copy in this file (the ZIP archive or its export.json). Raises NotAnExport."""
    try:
        found = msgspec.json.decode(_bytes(path), type=Copy)
    except _NO_COPY as fault:
        raise NotAnExport(f"{path.name} is no copy of this service ({type(fault).__name__})") from None
    if (found.format, found.version) != (FORMAT, VERSION):
        raise NotAnExport(f"{path.name} has another format; this installation reads {FORMAT} version {VERSION}")
    return found


def _bytes(path: Path) -> bytes:
    if path.suffix != ".zip":
        with path.open("rb") as opened:
            return _bounded(opened.read(MOST_BYTES + 1), path)
    with ZipFile(path) as archive, archive.open("export.json") as opened:
        return _bounded(opened.read(MOST_BYTES + 1), path)  # what the archive says of its size is not believed


def _bounded(raw: bytes, path: Path) -> bytes:
    if len(raw) > MOST_BYTES:
        raise NotAnExport(f"{path.name} is too large: at most {MOST_BYTES // 1_000_000} MB")
    return raw


def take_in(conn: psycopg.Connection, copy: Copy, *, keep_consents: bool = False, tell: Tell | None = None) -> Report:
    """Write it all in the caller's transaction. Raises NotAnExport: also when the person is here already.

    Consents come in as history: another installation is another controller, whom the person has to agree to anew;
    until then the records lie hidden. ``keep_consents``: the same controller runs it, they stay as they are.
    """
    try:
        return _Import(conn, copy, keep_consents, tell or (lambda done, total: None)).run()
    except _NO_ROW as fault:
        raise NotAnExport(f"a row of the copy can't be taken in ({type(fault).__name__})") from None


@dataclass(slots=True)
class _Import:
    conn: psycopg.Connection
    copy: Copy
    keep_consents: bool
    tell: Tell
    ids: dict[str, dict[int, int]] = field(default_factory=dict)  # by column: the number there -> the number here

    def run(self) -> Report:
        there, here = self._person()
        report = Report(here)
        for home in sorted({row["household_id"] for row in self._rows("health.household_members")}):
            self._new("household_id", home, households.add(self.conn))
        place = Here(there, here, self._gateway())
        for table, change in CHANGES.items():
            report.rows[table] = self._table(table, partial(change, place))
        report.rows["health.readings"], report.not_kept = self._readings(report.person_id)
        self._close()
        record_readings.settle(self.conn, report.person_id, datetime.now(UTC))
        return report

    def _person(self) -> tuple[int, int]:
        who = self.copy.person
        known = self.conn.execute("select from health.people where public_id = %s", (who.public_id,)).fetchone()
        if known is not None:
            raise NotAnExport("this person is here already")
        added = self.conn.execute(
            "insert into health.people (public_id, birth_date, sex, town) values (%s, %s, %s, %s) returning person_id",
            (who.public_id, who.birth_date, who.sex, who.town),
        ).fetchone()
        assert added is not None
        contact = {"kana": who.kana, "phone": who.phone, "email": who.email, "address": who.address}
        people.call(self.conn, added[0], name=who.name, **contact)
        self._addresses(added[0])
        [there] = {row["person_id"] for row in self._rows("health.people")}
        self._new("person_id", there, added[0])
        return there, int(added[0])

    def _addresses(self, person_id: int) -> None:
        """Nothing is sent there before the person proves them here. What LINE and an app gave is another service's."""
        for channel in _PROVEN_BY_CODE:
            mine = [one.address for one in self.copy.person.addresses if one.channel == channel]
            for address in dict.fromkeys(mine[: addresses.MOST]):
                addresses.add(self.conn, person_id, channel, address)

    def _table(self, table: str, change: Callable[[Row], Row]) -> int:
        own = NUMBERED.get(table)
        rows = sorted(self._rows(table), key=lambda row: row[own] if own else 0)
        for row in rows:
            changed = change({name: self._here(name, value) for name, value in row.items() if name != own})
            number = insert(self.conn, table, changed, own)
            if own:
                self._new(own, row[own], number)
        return len(rows)

    def _here(self, column: str, value: Any) -> Any:
        """The number that stands here for a number of there. Raises KeyError for one that the copy does not hold."""
        domain = {"claimed_by": "person_id", "asked_by": "person_id"}.get(column, column)
        if value is None or domain not in ("person_id", "household_id", *NUMBERED.values()):
            return value
        return self.ids[domain][value]

    def _new(self, column: str, there: int, here: int) -> None:
        self.ids.setdefault(column, {})[there] = here

    def _rows(self, table: str) -> list[Row]:
        return self.copy.tables.get(table, [])

    def _readings(self, person_id: int) -> tuple[int, int]:
        """Those of records come anew from the records."""
        records = {row["source_id"] for row in self._rows("health.sources") if row["kind"] == "record"}
        said = self._rows("health.readings")
        numbers = [one for row in said if (one := msgspec.convert(row, _Number)).source_id not in records]
        known = [one for one in numbers if _plausible(one)]
        for first in range(0, len(known), _BATCH):
            batch = known[first : first + _BATCH]
            readings.add(self.conn, [self._reading(person_id, one) for one in batch])
            self.tell(first + len(batch), len(known))
        return len(known), len(numbers) - len(known)

    def _reading(self, person_id: int, one: _Number) -> Reading:
        flags = one.flags & ~Flag.JUMP  # judged anew with the day's figure
        source = self.ids["source_id"][one.source_id]
        return Reading(
            person_id, one.metric, one.at, source, one.value, one.seconds, flags, one.received_at, one.utc_offset
        )

    def _close(self) -> None:
        people_here = list(self.ids["person_id"].values())
        self.conn.execute(
            "update health.registrations set valid = tstzrange(lower(valid), greatest(now(), lower(valid)))"
            " where registration_id = any(%s) and (upper_inf(valid) or upper(valid) > now())",
            (list(self.ids.get("registration_id", {}).values()),),
        )
        self.conn.execute(
            "update health.consents set withdrawn_at = now() where consent_id = any(%s) and withdrawn_at is null",
            ([one.consent_id for here in people_here for one in self._to_be_closed(here)],),
        )

    def _to_be_closed(self, person_id: int) -> list[Consent]:
        given = consents.of_person(self.conn, person_id)
        return [one for one in given if not (self.keep_consents and _in_our_words(one))]

    def _gateway(self) -> str:
        name = f"imported-{crockford.text(10).lower()}"
        if self._rows("health.registrations"):
            self.conn.execute(
                "insert into health.gateways (gateway_id, password_hash, revoked_at) values (%s, '*', now())", (name,)
            )
        return name


def _in_our_words(one: Consent) -> bool:
    """Whether it was given to words that are known here, and says what these say."""
    try:
        shown = consent_words.words(one.purpose, one.text_version)
        shown.check(one.recipient, one.items, limited=one.valid_to is not None)
    except consent_words.NotInTheWords:
        return False
    return (one.words_sha256, one.audience) == (shown.sha256, list(shown.audience))


def _plausible(one: _Number) -> bool:
    metric = METRICS.get(one.metric)
    fits = metric is not None and metric.low <= one.value <= metric.high and 0 <= one.seconds <= 2 * 86_400
    return fits and 1900 <= one.at.year <= 2200 and one.at.tzinfo is not None
