"""What becomes of the rows of a copy on their way into another installation, table by table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

_ELSEWHERE = "elsewhere"  # whoever of the other installation's staff entered something is nobody of ours

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Here:
    """The person's number there and here. ``gateway``: devices of elsewhere stand under it; nobody comes in by it."""

    there: int
    person_id: int
    gateway: str


def insert(conn: psycopg.Connection, table: str, row: Mapping[str, Any], own: str | None) -> int:
    """One row; columns that this schema does not know are passed over. Returns its number here."""
    known = conn.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped", (table,)
    )
    names = [name for (name,) in known if name in row]
    name, columns = sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, names))
    back = sql.Identifier(own) if own else sql.SQL("0")
    added = conn.execute(
        sql.SQL("insert into {0} ({1}) select {1} from jsonb_populate_record(null::{0}, %s) {2} returning {3}").format(
            name, columns, _AGAIN if table == "health.sources" else sql.SQL(""), back
        ),
        (Jsonb(dict(row)),),
    ).fetchone()
    assert added is not None
    return int(added[0])


# A facility that is known here is the same facility.
_AGAIN = sql.SQL("on conflict (code) do update set label = sources.label")
# What a table's rows are numbered by, where others refer to that number or the database gives it.
NUMBERED = {
    "health.sources": "source_id",
    "health.registrations": "registration_id",
    "health.consents": "consent_id",
    "health.documents": "document_id",
    "health.records": "record_id",
    "health.corrections": "correction_id",
    "health.correction_requests": "request_id",
}


def _as_it_is(_: Here, row: Row) -> Row:
    return row


def _source(here: Here, row: Row) -> Row:
    code = _code(row["code"], here.there, here.person_id)
    if code and (row["kind"] == "device" or (row["kind"] == "record") == code.startswith(("manual:", "phone:"))):
        raise ValueError("a code of no such source")
    if row["kind"] == "manual" and code and code.split(":")[1] != str(here.person_id):
        raise ValueError("somebody else's source")
    return row | {"code": code, "entered_by": _who(row["entered_by"])}


def _code(code: str | None, there: int, here: int) -> str | None:
    """The code of what this person types in or their telephone sends names the person."""
    for kind in ("manual", "phone"):
        if code == f"{kind}:{there}":
            return f"{kind}:{here}"
        if code and code.startswith(f"{kind}:{there}:"):
            rest = code.removeprefix(f"{kind}:{there}:")
            return f"{kind}:{here}:{rest.replace('staff:', f'{_ELSEWHERE}:').replace('proxy:', f'{_ELSEWHERE}:')}"
    return code


def _who(word: str | None) -> str | None:
    """'self' stays; a member of staff or a kiosk of elsewhere must not become one of ours by number."""
    return word if word is None or word == "self" else f"{_ELSEWHERE}:{word.partition(':')[0]}"


def _registration(here: Here, row: Row) -> Row:
    return row | {"gateway_id": here.gateway, "device": f"{row['gateway_id']}.{row['device']}"}


def _consent(_: Here, row: Row) -> Row:
    return row | {"given_by": _who(row["given_by"]), "withdrawn_by": _who(row.get("withdrawn_by"))}


def _correction(_: Here, row: Row) -> Row:
    return row | {"corrected_by": _who(row["corrected_by"])}


CHANGES: Mapping[str, Callable[[Here, Row], Row]] = {
    "health.household_members": _as_it_is,
    "health.sources": _source,
    "health.registrations": _registration,
    "health.consents": _consent,
    "health.documents": _as_it_is,
    "health.records": _as_it_is,
    "health.stated_times": _as_it_is,
    "health.corrections": _correction,
    "health.unclaimed": _as_it_is,
    "health.not_mine": _as_it_is,
    "health.device_order": _as_it_is,
    "health.correction_requests": _as_it_is,
}
