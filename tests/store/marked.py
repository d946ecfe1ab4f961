"""Marks everything of one person in the database, so that whatever is left of them anywhere can be found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg
from psycopg import sql

from store import personal

PERSON = 880_000_000_017  # no other number in the database contains it
WORD, NUMBER = "ZEUGNIS", 877_655

_COLUMNS = """
select a.attname, t.typcategory, t.typname from pg_attribute as a join pg_type as t on t.oid = a.atttypid
 where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
   and attname not like '%%\\_id' and attname not in ('topic', 'people', 'code', 'gateway_id', 'issuer', 'subject')
"""
_TABLES = """
select relnamespace::regnamespace || '.' || relname from pg_class
 where relnamespace = any('{health, identity, audit, public}'::regnamespace[]) and relkind in ('r', 'p')
   and not relispartition order by 1
"""


def fill(conn: psycopg.Connection, source_id: int, home: int) -> None:
    """A row in every table of whose columns the product's own doors left none for the person."""
    now = datetime.now(UTC)
    first = {
        "advice": "select advice_id from health.advice where person_id = %(p)s limit 1",
        "record": "select record_id from health.records where person_id = %(p)s limit 1",
        "consent": "select consent_id from health.consents where person_id = %(p)s limit 1",
    }
    ids = {name: conn.execute(query, {"p": PERSON}).fetchone()[0] for name, query in first.items()}
    names = ids | {"p": PERSON, "s": source_id, "h": home, "now": now, "then": now - timedelta(hours=1)}
    for statement in _ROWS:
        conn.execute(statement, names)


_ROWS = (
    "insert into identity.accounts (issuer, subject, person_id, evidence, linked_by) values ('i', 's', %(p)s, 'e', 'demo')",
    "insert into identity.link_codes values ('\\x01', 'i', 's', now(), now())",
    "insert into identity.apps (person_id, device) values (%(p)s, 'd')",
    "insert into identity.app_codes values ('\\x01', %(p)s, now())",
    "insert into identity.refresh_tokens select '\\x02', app_id, now(), now() from identity.apps where person_id = %(p)s",
    "insert into health.gateway_codes (code_hash, household_id, asked_by, expires_at) values ('\\x01', %(h)s, %(p)s, now())",
    "insert into health.stated_times select source_id, metric, at, at from health.readings where person_id = %(p)s limit 1",
    "insert into health.corrections (person_id, metric, at, source_id, old_value, new_value, corrected_by)"
    " values (%(p)s, 'weight', %(now)s, %(s)s, 1, 2, 'self')",
    "insert into health.unclaimed (household_id, metric, at, source_id, value, claimed_by, claimed_how, claimed_at)"
    " values (%(h)s, 'weight', %(then)s, %(s)s, 60, %(p)s, 'person', now())",
    "insert into health.not_mine values (%(h)s, %(s)s, %(now)s, %(p)s)",
    "insert into health.device_order values (%(p)s, %(s)s, 0)",
    "insert into health.due (work, day, people) values ('advice', '2026-01-01', array[%(p)s::bigint])",
    "insert into health.rejections (origin, gateway_id, device, reason, raw)"
    " select 'o', gateway_id, 'never seen', 'r', 'x' from health.gateways where household_id = %(h)s",
    "insert into health.rejections (origin, reason, raw) values ('file', 'not_fhir', convert_to('… 0123456789 …', 'UTF8'))",
    "insert into health.posts values (%(p)s, 'k', 'd', '{}')",
    "insert into health.set_aside (topic, payload, retained, received_at)"
    " select convert_to('phr/v1/' || gateway_id || '/scale', 'UTF8'), 'x', false, now() from health.gateways where household_id = %(h)s",
    "insert into health.consent_scans values (%(consent)s, 'given', 'image/png', 'x', 'staff:1')",
    "insert into health.entitlements (person_id, proxy_id, kind, relation, valid, evidence, noted_by)"
    " select person_id, %(p)s, 'parent', 'r', tstzrange(now(), null), 'e', 'staff:1' from health.people where person_id <> %(p)s limit 1",
    "insert into health.correction_requests (person_id, record_id, facility, words) values (%(p)s, %(record)s, 'f', 'w')",
    "insert into health.feedback (advice_id, person_id, answer) values (%(advice)s, %(p)s, 'done')",
    "insert into health.push_subscriptions (person_id, endpoint, p256dh, auth) values (%(p)s, 'e', 'p', 'a')",
    "insert into health.deliveries (advice_id, person_id, channel, error) values (%(advice)s, %(p)s, 'marked', 'e')",
    "insert into health.non_use_notices values (%(p)s, now(), now())",
    "insert into health.sources (kind, label, code) values ('manual', 'l', 'manual:' || %(p)s)",
    "insert into audit.openings (staff_id, person_id, town, ground, reason, until)"
    " values (1, %(p)s, '062049', 'life', 'a reason of some length', now() + interval '1 hour')",
    "insert into audit.fresh (actor, role, person_id, action, items, purpose, allowed)"
    " values ('worker:x', 'worker', %(p)s, 'read', 'i', 'own', true)",
)


def mark(database: str) -> dict[str, int]:
    """A unique word or number in every column of the person's rows that takes one; returns how many columns by table.

    As a replica: no trigger and no foreign key of ours runs.
    """
    numbers, marked = count(1), {}
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("set session_replication_role = replica")
        known = personal.scope(conn, PERSON)
        conn.execute(f"update health.gateways set label = '{WORD}' where gateway_id = any(%(gateways)s)", known)
        for table in personal.tables():
            if table.whose and not table.stays:
                columns = conn.execute(_COLUMNS, (table.name,)).fetchall()
                marked[table.name] = sum(_mark(conn, table, known, column, next(numbers)) for column in columns)
    return marked


def _mark(conn: psycopg.Connection, table: personal.Table, known: personal.Scope, column: tuple, number: int) -> bool:
    name, category, kind = column
    values = {
        "S": f"'{WORD}-{number}-' || coalesce(t.{name}::text, '')",
        "N": f"{NUMBER}.{number}" if kind == "float8" else f"{NUMBER}{number}",
        "U": {"jsonb": f"'{{\"x\": \"{WORD}-{number}\"}}'::jsonb", "bytea": f"t.{name} || convert_to('{WORD}-{number}', 'UTF8')"}.get(kind),
    }  # fmt: skip
    value = values.get(category)
    if not value:
        return False
    gone = sql.SQL("update {} as t set {} = {} where {}").format(
        sql.Identifier(*table.name.split(".")), sql.Identifier(name), sql.SQL(value), personal._own(table.whose)
    )
    try:
        return conn.execute(gone, known).rowcount > 0
    except psycopg.Error:
        return False  # it takes only certain values


def found(conn: psycopg.Connection, public_id: object) -> dict[str, int]:
    """In which tables anything of the person stands: their marks, their number, their public id, names in clear."""
    words = [WORD, str(PERSON), str(public_id), WORD.encode().hex(), f"{NUMBER}", "0123456789", b"0123456789".hex()]
    tables = [name for (name,) in conn.execute(_TABLES)]
    seen = {}
    for name in tables:
        query = f"select count(*) from {name} as t where t::text like any(%s)"
        seen[name] = conn.execute(query.encode(), ([f"%{word}%" for word in words],)).fetchone()[0]
    return {name: rows for name, rows in seen.items() if rows}
