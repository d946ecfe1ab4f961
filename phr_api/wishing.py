"""What a citizen wishes of messages, read and written: for API, page, and the counter."""

from __future__ import annotations

from typing import Annotated

import psycopg
from fastapi import Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from advice_engine import wishes as meaning
from advice_engine.channel import channels
from phr_api.acting import step_in
from phr_api.doors import look
from phr_api.inputs import Day, Word
from store import message_wishes
from store.entitlements import Behalf
from store.message_wishes import MOST_A_WEEK, Wishes
from store.sessions import NurseOnDuty

ITEMS = "message wishes"
LOG = "log"  # tells nobody: nothing to wish for


def _known(word: str) -> str:
    if word not in meaning.words():
        raise ValueError(f"one of {', '.join(meaning.words())} is expected")
    return word


def _channel(name: str) -> str:
    if name not in channels() or name == LOG:
        raise ValueError(f"one of {', '.join(one for one in channels() if one != LOG)} is expected")
    return name


_Given = BeforeValidator(lambda said: None if said == "" else said)  # a form's empty field
_Hour = Annotated[int, Field(ge=0, le=23)]


class WishesShape(BaseModel):
    """``a_week``: at most so many messages in seven days, besides red flags and referrals. ``silent``: families of
    advice, `praise`, `information`, `reflection` that are not to ring. ``channel``: rather by this one.
    ``quiet_from`` and ``quiet_until``: hours in Japan in place of the town's, both or none. ``paused_until``: the
    first day on which they ring again. The screen shows everything all the same.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {
        "a_week": 2, "silent": ["weighing", "praise"], "channel": "email", "quiet_from": 20, "quiet_until": 9,
        "paused_until": "2026-12-01"}})  # fmt: skip

    a_week: Annotated[int, Field(ge=0, le=MOST_A_WEEK)] = MOST_A_WEEK
    silent: Annotated[list[Annotated[Word, AfterValidator(_known)]], Field(max_length=50)] = []
    channel: Annotated[Annotated[Word, AfterValidator(_channel)] | None, _Given] = None
    quiet_from: Annotated[_Hour | None, _Given] = None
    quiet_until: Annotated[_Hour | None, _Given] = None
    paused_until: Annotated[Day | None, _Given] = None

    @model_validator(mode="after")
    def _both_hours(self) -> WishesShape:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("quiet_from and quiet_until go together")
        return self

    @property
    def wishes(self) -> Wishes:
        return Wishes(**self.model_dump() | {"silent": tuple(dict.fromkeys(self.silent))})


class WishesSheet(WishesShape):
    """As the page's form sends them: where one hour alone was chosen, the other one is for the page to fill in."""

    @model_validator(mode="after")
    def _both_hours(self) -> WishesSheet:
        return self


def read(conn: psycopg.Connection, me: Behalf, request: Request) -> WishesShape:
    """Mine, or of whom I may act for."""
    look(conn, me, me.person_id, items=ITEMS, purpose=me.purpose, request=request)
    step_in(conn, me.person_id)
    known = message_wishes.of_person(conn, me.person_id)
    return WishesShape(
        a_week=known.a_week, silent=list(known.silent), channel=known.channel,
        quiet_from=known.quiet_from, quiet_until=known.quiet_until, paused_until=known.paused_until,
    )  # fmt: skip


def write(conn: psycopg.Connection, me: Behalf, new: WishesShape, request: Request) -> None:
    """From now on: what was planned before goes by it as well."""
    look(conn, me, me.person_id, items=ITEMS, purpose=me.purpose, request=request, action="write")
    step_in(conn, me.person_id)
    message_wishes.keep(conn, me.person_id, new.wishes, by=me.by)


def write_for(
    conn: psycopg.Connection, nurse: NurseOnDuty, person_id: int, new: WishesShape, *, request: Request
) -> None:
    """As the person says at the counter or on paper."""
    look(conn, nurse, person_id, items=ITEMS, purpose="paper", request=request, action="write")
    step_in(conn, person_id)
    message_wishes.keep(conn, person_id, new.wishes, by=f"paper:{nurse.staff_id}")
