"""What I wish of messages: how often, of what, by which channel, when not."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from phr_api import acting, wishing
from phr_api.behalf import MayAgree
from phr_api.counter import CardFields
from phr_api.doors import Conn, Desk
from phr_api.wishing import WishesShape

ROUTER = APIRouter(prefix="/api", tags=["push"])


class PaperWishes(BaseModel):
    """The insurance card with the birthday, and what the person wishes."""

    model_config = ConfigDict(extra="forbid")

    person: CardFields
    wishes: WishesShape


@ROUTER.get("/me/messages", summary="お知らせの希望 / What I wish of messages")
def read(request: Request, me: MayAgree, conn: Conn) -> WishesShape:
    return wishing.read(conn, me, request)


@ROUTER.put("/me/messages", status_code=204, summary="お知らせの希望を変える / Change what I wish of messages")
def write(request: Request, me: MayAgree, conn: Conn, *, new: WishesShape) -> None:
    """All of it anew. Red flags and referrals go out whatever is wished; only the consent `push` itself ends them."""
    wishing.write(conn, me, new, request)


@ROUTER.post("/nurse/message-wishes", status_code=204, summary="お知らせの希望を入力する / Enter a person's wishes")
def write_for(request: Request, nurse: Desk, conn: Conn, *, paper: PaperWishes) -> None:
    """On the person's word at the counter or a paper. 404 when no person of her town has this card and birthday."""
    person_id = acting.at_the_counter(conn, nurse, paper.person.card, request)
    wishing.write_for(conn, nurse, person_id, paper.wishes, request=request)
