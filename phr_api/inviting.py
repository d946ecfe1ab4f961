"""How a person invites a proxy, and how the proxy accepts: the same checks for pages and programs."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from phr_api.doors import look
from phr_api.inputs import Moment, Word
from phr_api.problems import Problem
from store import invitations
from store.entitlements import May
from store.invitations import Code, Invitation
from store.sessions import Citizen


class NewInvitation(BaseModel):
    """``relation``: what the guest is to me (長女, ヘルパー), no name. ``scope``: what they may do, each said;
    ``enter`` needs ``see``. ``valid_to``: when it ends; none: when one of us ends it."""

    model_config = ConfigDict(extra="forbid")

    relation: Word = Field(max_length=20)
    scope: list[May] = Field(min_length=1, max_length=3)
    valid_to: Moment | None = None


def invite(conn: psycopg.Connection, me: Citizen, new: NewInvitation, request: Request) -> Code:
    """A code that is shown once; one that nobody accepted before is void. Raises Problem (422)."""
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


def unknown() -> Problem:
    """Wrong, used, expired and one's own codes are answered alike."""
    return Problem(
        404,
        "このコードは使えません",
        "招いた方に、新しいコードを出してもらってください。コードは7日間、1回だけ使えます。"
        " No such code, or used, expired or your own: ask for a new one (seven days, one use).",
    )
