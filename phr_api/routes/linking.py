"""Tying insurance and patient numbers to people at the counter, with evidence; ending and undoing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

import psycopg
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from phr_api import present, problems
from phr_api.doors import Conn, Desk, look
from phr_api.inputs import Day, RowId, Word
from phr_api.present import LinkFields, Present, Shown
from phr_api.problems import not_found
from store import links, people
from store.links import Conflict, Link
from store.sessions import NurseOnDuty

ROUTER = APIRouter(prefix="/api/nurse", tags=["nurse"])


class Mistake(Present):
    """``why``: how it came out that the number never was this person's. The person may read it."""

    why: Word


class End(Present):
    """``until``: the first day on which the number means somebody else, or nobody."""

    until: Day


class Code(Present):
    """``code``: the つなぐ番号 that the person was shown when they signed in. ``evidence``: what she saw of them."""

    code: Annotated[str, Field(min_length=16, max_length=40)]
    evidence: Word


class Settled(BaseModel):
    """``moved``: it was tied to the wrong person; ``stays``: it was shown by mistake. ``evidence``: who said so."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal["moved", "stays"]
    evidence: Word


@dataclass(frozen=True, slots=True)
class Tied:
    """A person's links, without the numbers; ``public_id`` is what the other requests take."""

    public_id: UUID
    links: list[Link]


def note(conn: psycopg.Connection, nurse: NurseOnDuty, person_id: int, request: Request, *, write: bool = True) -> None:
    """Write down that she saw or changed which numbers are whose."""
    action = "write" if write else "read"
    look(conn, nurse, person_id, items="identifiers", purpose="linking", request=request, action=action)


@ROUTER.post("/links/search", summary="つながっている番号を見る / Which kinds of numbers are tied to this person")
def listing(request: Request, nurse: Desk, conn: Conn, *, shown: Shown) -> Tied:
    """404 when nobody of her town has this number and birthday; the try is written down."""
    person_id = present.find(conn, nurse, shown, request)
    note(conn, nurse, person_id, request, write=False)
    person = people.by_id(conn, person_id)
    if person is None:
        raise not_found()
    return Tied(person.public_id, links.of_person(conn, person_id))


@ROUTER.post("/links", status_code=201, summary="番号をつなぐ / Tie a number to a person, with the card in hand")
def link(request: Request, nurse: Desk, conn: Conn, *, new: LinkFields) -> Response:
    """409 when the number is somebody else's on one of these days: nothing moves, and a conflict is noted."""
    person_id = present.find(conn, nurse, new, request)
    note(conn, nurse, person_id, request)
    if links.link(conn, person_id, new.new()) == "taken":
        return problems.respond(request, present.taken())  # returned, not raised: the conflict stays written
    return Response(status_code=201)


@ROUTER.post("/links/{link_id}/undo", status_code=204, summary="つなぎ違いを直す / It never was theirs")
def undo(request: Request, nurse: Desk, conn: Conn, link_id: UUID, *, mistake: Mistake) -> None:
    """What came in by it is dark at once, and goes to whom the number means. 404 when it is not this person's."""
    person_id = present.find(conn, nurse, mistake, request)
    present.theirs(conn, nurse, person_id, link_id=link_id, request=request)
    note(conn, nurse, person_id, request)
    if links.undo(conn, link_id, mistake.why) is None:
        raise not_found()


@ROUTER.post("/links/{link_id}/end", status_code=204, summary="番号の期限を入れる / The number ended, as a card does")
def end(request: Request, nurse: Desk, conn: Conn, link_id: UUID, *, over: End) -> None:
    """What is dated before still finds the person. 404 when it is not this person's, or was not theirs on that day."""
    person_id = present.find(conn, nurse, over, request)
    present.theirs(conn, nurse, person_id, link_id=link_id, request=request)
    note(conn, nurse, person_id, request)
    if links.end(conn, link_id, over.until) is None:
        raise not_found()


@ROUTER.post("/accounts", status_code=201, summary="サインインをつなぐ / Tie the common ID that showed this code")
def tie(request: Request, nurse: Desk, conn: Conn, *, code: Code) -> None:
    """404 when the code is not good; the try is written down."""
    person_id = present.find(conn, nurse, code, request)
    note(conn, nurse, person_id, request)
    if not links.tie(conn, person_id, code.code, code.evidence):
        raise not_found()


@ROUTER.get("/link-conflicts", summary="確かめる番号 / Numbers that were shown for one person and are another's")
def conflicts(request: Request, nurse: Desk, conn: Conn) -> list[Conflict]:
    look(conn, nurse, None, items="identifiers", purpose="linking", request=request)
    return links.conflicts(conn)


@ROUTER.post("/link-conflicts/{conflict_id}", status_code=204, summary="確かめた結果 / Settle one")
def settle(request: Request, nurse: Desk, conn: Conn, conflict_id: RowId, *, settled: Settled) -> None:
    """``moved`` undoes the link that stands and ties the number to who showed it. Both see that on their pages."""
    concerned: tuple[int, ...] | None
    if settled.outcome == "moved":
        concerned = links.move(conn, conflict_id, settled.evidence)
    else:
        to = links.stays(conn, conflict_id, nurse.actor)
        concerned = (to,) if to is not None else None
    if concerned is None:
        raise not_found()
    for person_id in concerned:
        note(conn, nurse, person_id, request)
