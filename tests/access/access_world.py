"""An invented town for the access matrix: callers of every kind, and the subjects whose things they ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pyotp
from access_subject import GUIDED, subject

from ingest import days
from store import (
    consents,
    entitlements,
    households,
    openings,
    people,
    second_factors,
    sessions,
    staff,
    statistics,
    typed,
)
from store.clock import civil_day
from store.entitlements import AGREE, Kind, May
from store.model import Sample

SAKATA, YUZA = "062049", "064611"
HEALTH_CENTRE = "0688888888"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class World:
    """``things``: what a request can name, by the subject's mark. ``tokens``: a session token by the caller's role.

    ``actors``: how the audit names them. ``recovery``: a recovery code of the second factor of those who have one.
    """

    things: dict[str, dict[str, Any]]
    tokens: dict[str, str]
    actors: dict[str, str]
    recovery: dict[str, str]


# Whose things a caller asks for; every other role asks for the owner's.
SUBJECTS = {role: f"zq{role}" for role in ("never", "expired", "ended", "narrow", "later", "opened")}
OWNER, OTHER = "zqowner", "zqother"


def settle(conn: psycopg.Connection) -> World:
    """Write the town; every time is of now, so that nothing in it is old."""
    now = datetime.now(UTC).replace(microsecond=0)
    offices = {
        "nurse": (SAKATA, "nurse"),
        "far": (YUZA, "nurse"),
        "half": (SAKATA, "nurse"),
        "chief": (SAKATA, "supervisor"),
    }
    hired = {role: staff.add(conn, name=f"保健 {role}", town=town, role=kind) for role, (town, kind) in offices.items()}
    for role, code in (("named", HEALTH_CENTRE), ("unnamed", "0699999999")):
        hired[role] = staff.add(conn, name=f"保健 {role}", town=SAKATA, facility=(code, "港の保健センター"))
    codes = {role: _second_factor(conn, one.staff_id, now) for role, one in hired.items()}
    nurse = hired["nurse"].staff_id
    made = {mark: subject(conn, mark, nurse, now) for mark in (OWNER, OTHER, *SUBJECTS.values())}
    for mark, agree in _AGREED.items():
        agree(conn, made[mark]["person_id"], now)
    statistics.keep(conn, [], town=SAKATA, month=date(2026, 10, 1), smallest=10)
    opening = _opening(conn, nurse, made["zqopened"]["person_id"])
    citizens = _citizens(conn, made, nurse, now)
    callers: dict[str, dict[str, Any]] = {role: {"person_id": person_id} for role, person_id in citizens.items()}
    callers |= {role: {"staff_id": one.staff_id, "second_factor": role != "half"} for role, one in hired.items()}
    callers |= {role: callers["nurse"] for role in SUBJECTS}
    callers |= {
        role: {"client_id": _client(conn, role, made[OWNER]["facility"])}
        for role in ("clinic", "operator", "research", "lab")
    }
    for named in made.values():
        named |= {"opening": opening, "proxy_card": made[OTHER]["card"]}
    return World(
        made,
        {role: sessions.open(conn, **who) for role, who in callers.items()},
        {role: _actor(conn, who) for role, who in callers.items()},
        {role: codes.get("nurse" if role in SUBJECTS else role, "") for role in callers},
    )


def _citizens(conn: psycopg.Connection, made: dict[str, Any], nurse: int, now: datetime) -> dict[str, int]:
    owner = made[OWNER]
    relative, former = (_relative(conn, name, owner, now) for name in ("zqrelative", "zqformer"))
    conn.execute(
        "update health.household_members set valid = tstzrange(lower(valid), %s) where person_id = %s",
        (now - _DAY, former),
    )
    found = {"self": owner["person_id"], "other": made[OTHER]["person_id"], "family": relative, "former": former}
    return found | {role: _proxy(conn, owner, nurse, now, role=role) for role in ("proxy", *_SCOPES)}


def _second_factor(conn: psycopg.Connection, staff_id: int, now: datetime) -> str:
    """Set up; gives a recovery code."""
    secret = second_factors.begin(conn, staff_id)
    codes = second_factors.confirm(conn, staff_id, pyotp.TOTP(secret).at(now), now)
    assert codes
    return codes[0]


def _opening(conn: psycopg.Connection, staff_id: int, person_id: int) -> int:
    openings.add(
        conn,
        staff_id=staff_id,
        person_id=person_id,
        town=SAKATA,
        ground="safety",
        reason="zqopened-own: 電話に出ない",
        lasts=timedelta(hours=1),
    )
    [one] = openings.of_staff(conn, staff_id)
    return one.opening_id


def _client(conn: psycopg.Connection, role: str, facility: str) -> str:
    kinds = {"research": "researcher", "lab": "living_lab"}
    given = (role, kinds.get(role, role), facility if role == "clinic" else None)
    conn.execute("insert into identity.clients (client_id, role, facility) values (%s, %s, %s)", given)
    return role


def _actor(conn: psycopg.Connection, who: dict[str, Any]) -> str:
    """As the audit names them."""
    if "person_id" in who:
        person = people.by_id(conn, who["person_id"])
        assert person is not None
        return f"person:{person.public_id}"
    return f"staff:{who['staff_id']}" if "staff_id" in who else f"client:{who['client_id']}"


def _guidance(items: list[str], since: timedelta, until: timedelta | None = None) -> Callable[..., int]:
    def agree(conn: psycopg.Connection, person_id: int, now: datetime) -> int:
        valid = {"valid_from": now + since, "valid_to": None if until is None else now + until}
        return consents.give(conn, person_id, **GUIDED, items=items, **valid)

    return agree


def _agreed_and_withdrew(conn: psycopg.Connection, person_id: int, now: datetime) -> None:
    given = _guidance(["*"], -9 * _DAY)(conn, person_id, now)
    assert consents.withdraw(conn, person_id, given, now - timedelta(minutes=1))


def _agreed_to_both(conn: psycopg.Connection, person_id: int, now: datetime) -> None:
    """To the town's guidance and, apart from it, to that of a facility; and to the living lab."""
    _guidance(["*"], -9 * _DAY)(conn, person_id, now)
    consents.give(conn, person_id, **GUIDED | {"recipient": HEALTH_CENTRE}, items=["*"], valid_from=now - 9 * _DAY)
    consents.give(conn, person_id, **GUIDED | {"purpose": "living_lab"}, items=["*"], valid_from=now - 9 * _DAY)


_AGREED: dict[str, Callable[..., object]] = {
    OWNER: _agreed_to_both,
    OTHER: _guidance(["*"], -9 * _DAY),
    "zqexpired": _guidance(["*"], -9 * _DAY, -timedelta(minutes=1)),
    "zqended": _agreed_and_withdrew,
    "zqnarrow": _guidance(["advice"], -9 * _DAY),
    "zqlater": _guidance(["*"], _DAY),
}


def _relative(conn: psycopg.Connection, mark: str, owner: dict[str, Any], now: datetime) -> int:
    """Somebody who shares the owner's household, with a number of their own."""
    person = people.add(conn, birth_date=date(1990, 1, 1), sex="male", name=f"{mark}-home", phone=f"{mark}-own")
    households.join(conn, owner["household"], person.person_id, now - 3 * _DAY)
    weighed = [Sample("weight", 70.0 + back, now - back * _DAY - timedelta(hours=3)) for back in range(5)]
    typed.add(conn, person.person_id, weighed, now)
    days.recompute(conn, {(person.person_id, civil_day(at)) for at in (now - back * _DAY for back in range(6))})
    _push(conn, person.person_id, now)
    return person.person_id


# What the owner's proxies may do. gone: it has ended; and who was a parent of somebody grown up.
_SCOPES: dict[str, tuple[May, ...]] = {
    "sees": ("see",),
    "enters": ("see", "enter"),
    "gone": ("see", "enter", "consents"),
}


def _proxy(conn: psycopg.Connection, owner: dict[str, Any], nurse_id: int, now: datetime, *, role: str) -> int:
    """The owner's caregiver, who may do what the role says for them and nothing else."""
    person = people.add(conn, birth_date=date(1985, 1, 1), sex="female", name=f"zq{role}")
    weighed = [Sample("weight", 80.0 + back, now - back * _DAY - timedelta(hours=3)) for back in range(5)]
    typed.add(conn, person.person_id, weighed, now)
    days.recompute(conn, {(person.person_id, civil_day(at)) for at in (now - back * _DAY for back in range(6))})
    _push(conn, person.person_id, now)
    kinds: tuple[Kind, ...] = ("caregiver", "parent") if role == "gone" else ("caregiver",)
    for kind in kinds:
        given = entitlements.add(
            conn,
            person_id=owner["person_id"],
            proxy_id=person.person_id,
            kind=kind,
            relation="娘",
            scope=_SCOPES.get(role, AGREE),
            valid_from=now - _DAY,
            valid_to=None,
            evidence="zqowner-own 委任状",
            noted_by=f"staff:{nurse_id}",
        )
        if role == "gone" and kind == "caregiver":
            entitlements.end(conn, given, person_id=owner["person_id"], by="self")
    return person.person_id


def _push(conn: psycopg.Connection, person_id: int, now: datetime) -> None:
    given = {"recipient": "city", "items": ["*"], "text_version": "2", "given_by": "self", "valid_from": now - _DAY}
    consents.give(conn, person_id, purpose="push", **given)
