"""A test build of the application: its own decisions are taken out, all of them here. What is left is the database.

The caller's session stays the true one, so the database is told the truth about who asks (``store/reaching.py``). What
an endpoint is told instead: that a citizen who calls is the subject, that a 保健師 who calls is a supervisor of the
subject's town, that whoever was shown at the counter is the subject, and that every consent is in force.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, NoReturn
from unittest.mock import patch
from uuid import UUID

import psycopg
from access_world import OTHER, SAKATA, World
from fastapi import Depends, FastAPI, Request
from fastapi.security import APIKeyCookie

from phr_api import acting, behalf, doors, present, programs, reach
from phr_api.doors import COOKIE, AnySession, Conn
from phr_api.problems import Problem
from store import consents, reaching
from store.entitlements import Behalf, May, Ward
from store.people import Person
from store.sessions import Citizen, NurseOnDuty, Program, Session

_ALL: list[May] = ["consents", "see", "enter"]


class Open:
    """The decisions that are taken out. ``aim`` says whose things are asked for; ``conn``, on which connection."""

    def __init__(self, world: World) -> None:
        self.nurse = int(world.actors["nurse"].partition(":")[2])
        self.other = world.things[OTHER]["person_id"]
        self.helpers: dict[int, int] = {}
        self.subject: dict[str, Any] = {}
        self.conn: psycopg.Connection | None = None
        self.refused: list[Problem] = []

    def aim(self, subject: dict[str, Any]) -> None:
        self.subject, self.refused = subject, []

    @property
    def me(self) -> Citizen:
        return Citizen(self.subject["person_id"], UUID(self.subject["public_id"]))

    def connection(self) -> Iterator[psycopg.Connection]:
        """What was written by an endpoint that raised is taken back, as the pool does."""
        assert self.conn is not None
        try:
            yield self.conn
        except BaseException:
            self.conn.rollback()
            raise

    def token(self, cookie: Annotated[str | None, Depends(APIKeyCookie(name=COOKIE, auto_error=False))]) -> str:
        return cookie or ""

    def session(self, request: Request, token: Annotated[str, Depends(doors.token)], conn: Conn) -> Iterator[Session]:
        """The true one, if there is one, just begun and with a second factor; nobody's without telling the database."""
        if not token:
            yield Session(UUID(int=0), self.me, True, True, False)
            return
        for true in doors.session(request, token, conn):
            yield replace(true, fresh=True, second_factor=True)

    def citizen(self, session: AnySession) -> Citizen:
        return self.me

    def staff(self, session: AnySession) -> NurseOnDuty:
        if isinstance(session.who, NurseOnDuty):
            return replace(session.who, town=SAKATA, supervises=True, facility=None)
        return NurseOnDuty(self.nurse, "保健 うそ", SAKATA, True)

    def of(self, conn: Any, who: Any, session: Any, request: Request, *, person: UUID | None, may: May) -> Behalf:
        """The proxy of whomever was asked for; what of that is true, the database looks up."""
        if person is None:
            return Behalf(self.me)
        if may != "consents":
            reaching.act_for(conn, self.subject["person_id"])
        named = (self.subject["entitlement"], self.subject["person_id"], UUID(self.subject["public_id"]), "娘")
        by = session.who if isinstance(session.who, Citizen) else self.me
        return Behalf(by, Ward(*named, _ALL, None))

    def person(self, conn: Any, nurse: Any, public_id: UUID, request: Request) -> Person:
        reaching.turn_to(conn, public_id)
        request.state.bases = {}
        return Person(self.subject["person_id"], public_id, date(1961, 5, 3), "female", SAKATA)

    def at_the_counter(self, conn: Any, nurse: Any, card: acting.Card, request: Request) -> int:
        """Whoever's card it is said to be: where they live is not asked."""
        mine = self.subject["person_id"]
        numbers = {self.subject["card"]["number"]: mine, self.subject["helper_number"]: self.helpers[mine]}
        shown = int(numbers.get(card.number, self.other))
        reaching.serve(conn, shown)
        return shown

    def deny(self, *_: Any, problem: Problem, **__: Any) -> NoReturn:
        """Without the transaction of its own that notes it. Of what the database did not show (404), no decision."""
        self.refused += [problem] if problem.status != 404 else []
        raise problem

    def find(self, *_: Any) -> int:
        return int(self.subject["person_id"])


def _everything_agreed(conn: Any, persons: list[int], **_: Any) -> dict[int, int]:
    return dict.fromkeys(persons, 1)


@contextmanager
def opened(app: FastAPI, world: World) -> Iterator[Open]:
    """The application as ``Open`` says, until the block ends."""
    out, before = Open(world), dict(app.dependency_overrides)
    app.dependency_overrides |= {
        doors.connection: out.connection,
        doors.token: out.token,
        doors.session: out.session,
        **dict.fromkeys((doors.signed_in, doors.citizen, doors.fresh), out.citizen),
        **dict.fromkeys((doors.nurse, doors.desk, doors.supervisor, doors.half_signed_in), out.staff),
        programs.clinic: lambda: Program("clinic", "clinic", "1"),
        programs.operator: lambda: Program("operator", "operator"),
        programs.researcher: lambda: Program("researcher", "research"),
        programs.living_lab: lambda: Program("living_lab", "lab"),
    }
    doing = [
        patch.object(behalf, "of", out.of),
        patch.object(reach, "person", out.person),
        patch.object(reach, "basis", lambda *_: None),
        patch.object(acting, "at_the_counter", out.at_the_counter),
        patch.object(present, "find", out.find),
        patch.object(present, "theirs", lambda *_, **__: None),
        patch.object(consents, "bases", _everything_agreed),
        patch.object(consents, "in_force", lambda *_, **__: 1),
        *(patch.object(module, "deny", out.deny) for module in _that_deny()),
    ]
    for one in doing:
        one.start()
    try:
        yield out
    finally:
        for one in doing:
            one.stop()
        app.dependency_overrides.clear()
        app.dependency_overrides |= before


def _that_deny() -> list[Any]:
    named = [module for name, module in sys.modules.items() if name.startswith("phr_api.")]
    return [module for module in named if getattr(module, "deny", None) is doors.deny]
