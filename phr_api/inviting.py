"""How a person invites a proxy, the proxy accepts, and either ends it: the same checks for pages and programs."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from phr_api.doors import look
from phr_api.inputs import Moment, Word
from phr_api.problems import Problem, not_found
from store import entitlements, invitations, people
from store.clock import age_on, civil_day
from store.entitlements import May
from store.invitations import Code, Invitation
from store.sessions import Citizen
from store.settings import Settings

GROWN_UP = 18  # 民法4条, 2022-04


class NewInvitation(BaseModel):
    """``relation``: what the guest is to me (長女, ヘルパー), no name. ``scope``: what they may do, each said;
    ``enter`` needs ``see``. ``valid_to``: when it ends; none: when one of us ends it."""

    model_config = ConfigDict(extra="forbid")

    relation: Word = Field(max_length=20)
    scope: list[May] = Field(min_length=1, max_length=3)
    valid_to: Moment | None = None


def invite(conn: psycopg.Connection, me: Citizen, new: NewInvitation, request: Request) -> Code:
    """A code that is shown once; one that nobody accepted before is void. Raises Problem (403: a child, 422)."""
    person = people.by_id(conn, me.person_id)
    if person is None or age_on(person.birth_date, civil_day(datetime.now(UTC))) < GROWN_UP:
        raise _child()
    if "enter" in new.scope and "see" not in new.scope:
        raise Problem(422, "「見る」も選んでください", "入力は、見ることもできる方に任せます。 enter needs see.")
    if new.valid_to is not None and new.valid_to <= datetime.now(UTC):
        raise Problem(422, "期限を確かめてください", "これからの日時にしてください。 valid_to must lie ahead.")
    look(conn, me, me.person_id, items="entitlements", purpose="own", request=request, action="write")
    return invitations.invite(conn, me.person_id, relation=new.relation, scope=new.scope, valid_to=new.valid_to)


def offered(conn: psycopg.Connection, me: Citizen, code: str, request: Request) -> Invitation | None:
    """Who invites me to what, told before I accept. None: the code is wrong, used, expired or my own."""
    found = invitations.read(conn, code, guest_id=me.person_id)
    if found is not None:
        look(conn, me, found.person_id, items="name", purpose="proxy", request=request)
    return found


def accept(conn: psycopg.Connection, me: Citizen, code: str, request: Request) -> int | None:
    """From now on I may; the entitlement's id. None as in ``offered``."""
    found = invitations.read(conn, code, guest_id=me.person_id)
    given = invitations.accept(conn, code, guest_id=me.person_id) if found else None
    if found is None or given is None:
        return None
    request.state.bases = {found.person_id: f"entitlement:{given}"}
    look(conn, me, found.person_id, items="entitlements", purpose="proxy", request=request, action="write")
    return given


def end(conn: psycopg.Connection, me: Citizen, entitlement_id: int, request: Request) -> None:
    """Nobody acts for me by it any more, or I for nobody; whose it was reads who ended it. Raises Problem (404)."""
    for by, purpose in (("self", "own"), ("proxy", "proxy")):
        whose = entitlements.end(conn, entitlement_id, person_id=me.person_id, by=by)
        if whose is not None:
            request.state.bases = {whose: f"entitlement:{entitlement_id}"} if by == "proxy" else {}
            look(conn, me, whose, items="entitlements", purpose=purpose, request=request, action="write")
            return
    raise not_found()


def address(settings: Settings, code: str) -> str:
    """What the picture of a code says. Behind the #: no server is told it before the guest sends it."""
    return f"{settings.public_url.rstrip('/')}/proxies#code={code}"


def unknown() -> Problem:
    """Wrong, used, expired and one's own codes are answered alike."""
    return Problem(
        404,
        "このコードは使えません",
        "文字を確かめて、もう一度入れてください。それでも使えないときは、招いた方に、新しいコードを出してもらって"
        "ください。コードは7日間、1回だけ使えます。"
        " No such code, or used, expired or your own: ask for a new one (seven days, one use).",
    )


def _child() -> Problem:
    """Who is under 18 hands nothing of theirs to a grown-up by themselves: a parent does, with a paper."""
    return Problem(
        403,
        "18歳になってから使えます",
        "18歳になるまでは、保護者の方と市の窓口へおいでください。 Under 18: a parent comes to the counter.",
    )
