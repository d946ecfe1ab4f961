"""A small town, written straight into the database with SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

import psycopg

from store import consent_words
from store.clock import day_start


@dataclass(frozen=True)
class Town:
    """Inserts people and what is known of them; every method gives the new row's id."""

    conn: psycopg.Connection

    def person(self, birth_date: str = "1956-02-10", sex: str = "male") -> int:
        return self._id(
            "insert into health.people (birth_date, sex) values (%s, %s) returning person_id", birth_date, sex
        )

    def source(self, kind: str = "device", label: str = "血圧計", code: str | None = None) -> int:
        return self._id(
            "insert into health.sources (kind, label, code) values (%s, %s, %s) returning source_id", kind, label, code
        )

    def reading(self, person: int, metric: str, at: datetime, value: float, *, source: int = 1, flags: int = 0) -> None:
        self.conn.execute(
            "insert into health.readings (person_id, metric, at, source_id, value, flags)"
            " values (%s, %s, %s, %s, %s, %s)",
            (person, metric, at, source, value, flags),
        )

    def pressure(
        self, person: int, at: datetime, sys: float, dia: float, pulse: float | None = None, *, flags: int = 0
    ) -> None:
        numbers = {"bp_sys": sys, "bp_dia": dia} | ({"pulse": pulse} if pulse else {})
        for metric, value in numbers.items():
            self.reading(person, metric, at, value, flags=flags)

    def pressures(self, person: int, today: date, sys: float, dia: float, *, days: int = 7) -> None:
        """Mornings and evenings of the last ``days`` days, today's morning included."""
        for back in range(days):
            morning = day_start(today - timedelta(days=back)) + timedelta(hours=7)
            self.pressure(person, morning, sys, dia, 66)
            self.pressure(person, morning - timedelta(hours=10), sys, dia, 66)

    def day(self, person: int, day: date, metric: str, value: float, *, total: bool = False, n: int = 1) -> None:
        self.conn.execute(
            "insert into health.days (person_id, day, metric, n, total, mean, low, high, last)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (person, day, metric, n, value if total else None, value, value, value, value),
        )

    def consent(self, person: int, recipient: str = "*", items: str = "{*}", *, purpose: str = "phr_records") -> int:
        return self._id(
            "insert into health.consents (person_id, purpose, recipient, items, valid, text_version, given_by)"
            " values (%s, %s, %s, %s, '[2020-01-01,)', %s, 'self') returning consent_id",
            person,
            purpose,
            recipient,
            items,
            consent_words.newest(purpose).version,
        )

    def document(self, person: int, at: str, *, consent: int, source: int, kind: str = "checkup") -> int:
        return self._id(
            "insert into health.documents (person_id, source_id, consent_id, kind, identifier, title, facility, at)"
            " values (%s, %s, %s, %s, %s, '特定健診', '健診センター', %s) returning document_id",
            person,
            source,
            consent,
            kind,
            uuid4().hex,
            at,
        )

    def record(self, person: int, *, consent: int, source: int, **columns: object) -> int:
        given = {
            "person_id": person,
            "consent_id": consent,
            "source_id": source,
            "key": uuid4().hex,
            "kind": "checkup_item",
            "at": "2026-05-01T00:00:00Z",
            "title": "検査",
            "released": True,
        } | columns
        return self._id(
            f"insert into health.records ({', '.join(given)}) values ({', '.join(['%s'] * len(given))})"
            " returning record_id",
            *given.values(),
        )

    def advice(self, person: int, rule: str = "walk", **columns: object) -> int:
        given = {
            "person_id": person,
            "rule_id": rule,
            "kind": "advice",
            "urgency": 1,
            "audience": "both",
            "title": "見出し",
            "body": "本文",
            "reason": "理由",
            "rests_on": "[]",
            "source": "{}",
            "judged_at": "2026-11-01T00:00:00Z",
        } | columns
        return self._id(
            f"insert into health.advice ({', '.join(given)}) values ({', '.join(['%s'] * len(given))})"
            " returning advice_id",
            *given.values(),
        )

    def answer(self, person: int, advice: int, answer: str) -> int:
        return self._id(
            "insert into health.feedback (advice_id, person_id, answer) values (%s, %s, %s) returning feedback_id",
            advice,
            person,
            answer,
        )

    def sent(self, at: datetime) -> None:
        """Every message that was not told yet is told at this moment."""
        self.conn.execute("update health.deliveries set status = 'sending', attempts = 1 where status = 'due'")
        self.conn.execute("update health.deliveries set status = 'sent', sent_at = %s where status = 'sending'", (at,))

    def _id(self, statement: str, *values: object) -> int:
        row = self.conn.execute(statement.encode(), values).fetchone()
        assert row is not None
        return int(row[0])
