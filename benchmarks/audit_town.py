"""A citizen with four months of values and a 保健師 to whom she agreed, and that 保健師's work list, for `audit.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import psycopg

from ingest import days
from store import consents, people, readings, sessions, staff
from store.model import Reading

_DAY = timedelta(days=1)
_NEIGHBOURS = """
with made as (
    insert into health.people (birth_date, sex)
    select date '1940-01-01' + number, case number %% 2 when 0 then 'female' else 'male' end
      from generate_series(1, %s) as number returning person_id
) select person_id from made
"""
_ADVICE = """
insert into health.advice (person_id, rule_id, kind, urgency, audience, title, body, reason, rests_on, source,
                           judged_at)
select unnest(%s::bigint[]), 'checkup_pressure', 'referral', 3, 'both', '題', '本文', '理由', '[]', '{}', now()
"""
_USUAL = {"weight": 61.0, "bp_sys": 128.0, "bp_dia": 79.0}


@dataclass(frozen=True)
class Callers:
    """Session tokens, and the citizen's address for the 保健師."""

    citizen: str
    nurse: str
    public_id: str


def invent(conn: psycopg.Connection) -> Callers:
    """Both of them, and the citizen's days."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    her = people.add(conn, birth_date=date(1950, 1, 1), sex="female", name="計測 はかり")
    nurse = staff.add(conn, name="計測 まもる")
    consents.give(
        conn,
        her.person_id,
        purpose="guidance",
        recipient="city",
        items=["*"],
        text_version="1",
        given_by="self",
        valid_from=now - _DAY,
    )
    row = conn.execute(
        "insert into health.sources (kind, label) values ('device', '体重計') returning source_id"
    ).fetchone()
    assert row
    batch = [
        Reading(her.person_id, metric, now - back * _DAY, int(row[0]), value + back % 5, 0, 0, now)
        for back in range(120)
        for metric, value in _USUAL.items()
    ]
    days.recompute(conn, readings.add(conn, batch))
    return Callers(
        sessions.open(conn, person_id=her.person_id),
        sessions.open(conn, staff_id=nurse.staff_id, second_factor=True),
        str(her.public_id),
    )


def fill_work_list(conn: psycopg.Connection, *, listed: int, others: int) -> None:
    """So many people with a referral who agreed to the town's support, among others of whom there is nothing to say."""
    conn.execute(_NEIGHBOURS, (others,))
    on_it = [
        people.add(conn, birth_date=date(1950, 1, 1), sex="male", name=f"計測 {number}", phone="0234-00-0000").person_id
        for number in range(listed)
    ]
    conn.execute(_ADVICE, (on_it,))
    since = datetime.now(UTC) - _DAY
    for person_id in on_it:
        consents.give(
            conn,
            person_id,
            purpose="guidance",
            recipient="city",
            items=["*"],
            text_version="1",
            given_by="self",
            valid_from=since,
        )
    conn.execute("analyze")
