"""An emergency: a 保健師 opens the data of somebody of her town who has not agreed. One way for both doors."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import psycopg
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from phr_api import inputs, reach
from phr_api.doors import deny, look
from phr_api.problems import Problem, not_found
from store import openings, reaching
from store.openings import Ground, Opening
from store.sessions import NurseOnDuty

Reason = Annotated[str, Field(min_length=10, max_length=500, pattern=r"^[^\x00-\x09\x0b\x0c\x0e-\x1f\x7f]+$")]


class Emergency(BaseModel):
    """Whom she means, and why she must look now. The reason is read by her supervisors, never by the person.

    ``told``: which supervisor she told.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    name: inputs.Name
    birth_date: inputs.Day
    ground: Annotated[Ground, Field(description="danger to life or body, disaster, nobody knows whether they are well")]
    reason: Reason
    told: Annotated[
        str,
        Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$", description="asked for beyond the day's usual number"),
    ] = ""


def begin(request: Request, nurse: NurseOnDuty, conn: psycopg.Connection, asked: Emergency) -> UUID:
    """Open the data of the one person who is meant; gives their public id. Told to the person, and audited.

    Raises Problem 404 when it is nobody of her town, or more than one; 409 when she opened many today and does not say
    whom of her supervisors she told. Who agreed needs no opening: there is none then.
    """
    found = openings.find(conn, town=nurse.town, born=asked.birth_date, name=asked.name)
    if len(found) != 1:
        deny(conn, nurse, None, request=request, problem=_nobody())
    person_id, public_id = found[0]
    reaching.turn_to(conn, public_id)
    if reach.basis(conn, nurse, person_id) is None:
        many = asks_whom(request, nurse, conn)
        if many and not asked.told:
            deny(conn, nurse, person_id, request=request, problem=_whom())
        openings.add(
            conn,
            staff_id=nurse.staff_id,
            person_id=person_id,
            town=nurse.town,
            ground=asked.ground,
            reason=asked.reason,
            lasts=timedelta(minutes=request.app.state.settings.opening_minutes),
            told=asked.told if many else None,
        )
        _note(request, nurse, conn, of=person_id, action="open")
    return public_id


def asks_whom(request: Request, nurse: NurseOnDuty, conn: psycopg.Connection) -> bool:
    """Whether she opened so many within 24 hours that the next one takes a supervisor's name.

    It is no stop: in an earthquake or a night without supervisors somebody must be helped. But it is a word that can be
    checked, and her supervisors see on their own page at once that it came to that.
    """
    return openings.begun(conn, nurse.staff_id) >= int(request.app.state.settings.openings_a_day)


def end(request: Request, nurse: NurseOnDuty, conn: psycopg.Connection, opening_id: int) -> None:
    """She needs it no longer. Raises Problem 404: not hers, or over."""
    person_id = openings.close(conn, nurse.staff_id, opening_id)
    if person_id is None:
        raise not_found()
    _note(request, nurse, conn, of=person_id, action="close")


def mine(request: Request, nurse: NurseOnDuty, conn: psycopg.Connection) -> list[Opening]:
    """Those that let her in now. That she is shown them is a look."""
    found = openings.of_staff(conn, nurse.staff_id)
    for one in found:
        _note(request, nurse, conn, of=one.person_id, action="read")
    return found


def _note(request: Request, nurse: NurseOnDuty, conn: psycopg.Connection, *, of: int, action: str) -> None:
    request.state.bases = {of: reach.basis(conn, nurse, of) or ""}
    look(conn, nurse, of, items="opening", purpose="emergency", request=request, action=action)


def _whom() -> Problem:
    return Problem(
        409,
        "上司に伝えてください",
        "きょうは緊急に開いた方が多くなっています。上司に伝えて、伝えた上司の名前も書いてください。書けば、すぐに開けます。"
        " You opened many today: tell a supervisor, and say in `told` whom; then it opens at once.",
    )


def _nobody() -> Problem:
    return Problem(
        404,
        "見つかりません",
        "氏名(漢字または読み)と生年月日を確かめてください。担当の市町村の方だけを開けます。"
        " Nobody of your town, or more than one, has this name and birth date.",
    )
