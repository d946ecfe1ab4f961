"""The rows of a copy, read in order from one snapshot of the database, however many they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from store import addresses, identifiers, people, personal
from store.clock import JST
from store.personal import Scope, Table

_AT_ONCE = 2000  # rows in memory; so often is told how far it is

_READINGS = """
select r.metric, r.at, r.source_id, r.value, r.seconds, coalesce(s.label, '') as source
  from health.readings as r left join health.sources as s using (source_id)
 where r.person_id = %(person)s order by r.at, r.source_id, r.metric
"""
_DAYS = """
select day, metric, n, total, mean, low, high, last from health.days where person_id = %(person)s order by day, metric
"""
_RECORDS = """
select record_id, kind, to_char(at at time zone interval '+09:00', 'YYYY-MM-DD"T"HH24:MI:SS"+09:00"') as at, title,
       code_system, code, metric, value, value_text, unit, reference, interpretation, facility
  from health.shown_records where person_id = %(person)s order by shown_records.at, record_id
"""
_CONSENTS = """
select consent_id, purpose, recipient, items, text_version, given_by, to_jsonb(given_at) #>> '{}' as given_at,
       to_jsonb(withdrawn_at) #>> '{}' as withdrawn_at, to_jsonb(lower(valid)) #>> '{}' as valid_from,
       to_jsonb(upper(valid)) #>> '{}' as valid_to
  from health.consents where person_id = %(person)s order by consent_id
"""
_DOCUMENTS = """
select document_id, kind, title, facility, to_char(at, 'YYYY-MM-DD') as at,
       to_jsonb(received_at) #>> '{}' as received_at
  from health.documents
 where document_id in (select document_id from health.shown_records where person_id = %(person)s) order by document_id
"""
_CONSENTS_USED = "select distinct consent_id from health.shown_records where person_id = %(person)s"


@dataclass(slots=True)
class Snapshot:
    """One person at one moment. ``tell(step, done, total)`` is called now and then, and may raise to stop it all."""

    conn: psycopg.Connection
    known: Scope
    tell: Callable[[str, int, int], None]
    total: int = 0
    done: int = 0
    step: str = ""
    _numbers: int = field(default=0)

    def tables(self) -> Iterator[tuple[Table, Iterator[str]]]:
        """Every table of the copy with its rows as JSON text."""
        for table in personal.tables():
            if table.exported:
                yield table, self._texts(table)

    def _texts(self, table: Table) -> Iterator[str]:
        query = sql.SQL("select row::text from ({}) as rows (row)").format(personal.as_json(self.conn, table))
        return (row["row"] for row in self._rows(query))

    def person(self) -> dict[str, Any]:
        """Who it is, with names, contacts and identifiers in clear."""
        person_id = int(str(self.known["person"]))
        found = people.by_id(self.conn, person_id)
        assert found is not None
        known = [{"system": system, "value": value} for system, value in identifiers.of_person(self.conn, person_id)]
        return {
            "public_id": str(found.public_id),
            "birth_date": found.birth_date.isoformat(),
            "sex": found.sex,
            "town": found.town,
            **people.called(self.conn, person_id),
            "identifiers": known,
            "addresses": self._addresses(person_id),
        }

    def _addresses(self, person_id: int) -> list[dict[str, Any]]:
        """Where they are told."""
        return [
            {"channel": one.channel, "address": one.address, "confirmed": one.confirmed_at is not None}
            for one in addresses.of_person(self.conn, person_id)
        ]

    def readings(self) -> Iterator[dict[str, Any]]:
        """Every reading in the order of time, ``at`` in the zone of the city."""
        for row in self._rows(sql.SQL(_READINGS)):
            yield row | {"at": row["at"].astimezone(JST)}

    def days(self) -> Iterator[dict[str, Any]]:
        return self._rows(sql.SQL(_DAYS))

    def records(self) -> Iterator[dict[str, Any]]:
        """Records that may be shown now, the oldest first."""
        return self._rows(sql.SQL(_RECORDS))

    def consents(self) -> Iterator[dict[str, Any]]:
        return self._rows(sql.SQL(_CONSENTS))

    def documents(self) -> Iterator[dict[str, Any]]:
        return self._rows(sql.SQL(_DOCUMENTS))

    def consents_used(self) -> list[int]:
        """Under which consents the records of this copy may be seen."""
        return [consent_id for (consent_id,) in self.conn.execute(_CONSENTS_USED, self.known)]

    def begin(self, step: str) -> None:
        """What is written from now on. Raises what ``tell`` raises."""
        self.step = step
        self.tell(step, self.done, self.total)

    def _rows(self, query: sql.SQL | sql.Composed) -> Iterator[dict[str, Any]]:
        self._numbers += 1
        with self.conn.cursor(f"copy_{self._numbers}", row_factory=dict_row) as cursor:
            cursor.itersize = _AT_ONCE
            for row in cursor.execute(query, self.known):
                self.done += 1
                if self.done % _AT_ONCE == 0:
                    self.tell(self.step, min(self.done, self.total), self.total)
                yield row


def snapshot(conn: psycopg.Connection, person_id: int, tell: Callable[[str, int, int], None]) -> Snapshot:
    """The person as they are now; what is written meanwhile is not in it. The transaction must be new."""
    conn.execute("set transaction isolation level repeatable read, read only")
    known = personal.scope(conn, person_id)
    found = Snapshot(conn, known, tell)
    counts = {table.name: personal.count(conn, table, known) for table in personal.tables() if table.exported}
    found.total = sum(counts.values()) + sum(times * counts[name] for name, times in _AGAIN.items())
    return found


# Besides JSON: in the Bundle and in the tables for a spreadsheet.
_AGAIN: Mapping[str, int] = {
    "health.readings": 2,
    "health.days": 1,
    "health.records": 2,
    "health.consents": 2,
    "health.documents": 1,
}
