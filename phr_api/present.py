"""Who stands at the counter, and which numbers are tied to them there.

The person is found by a card that is tied already or by our own number for them (「わたしのデータ」 shows it), and the
birthday must agree. The 保健師 learns nothing else: neither the numbers, nor whether she may see the person.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import psycopg
from fastapi import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from phr_api import acting
from phr_api.acting import MEMBER_ID, Branch, Card, Insurer
from phr_api.doors import deny
from phr_api.inputs import Day, Word
from phr_api.problems import Problem, not_found
from store import links
from store.links import Link, NewLink
from store.sessions import NurseOnDuty

_FACILITY = "urn:oid:1.2.392.100495.20.3.51.1"  # a hospital's patient numbers: its ten-digit code follows (JP Core)


def _unsaid(said: object) -> object:
    return said or None  # a form's empty field


FacilityCode = Annotated[str, Field(pattern=r"^[0-9]{10}$", description="医療機関コード, 10 digits")]


class Present(BaseModel):
    """Our own number for the person and the birthday."""

    model_config = ConfigDict(extra="forbid")

    public_id: UUID
    birth_date: Day


class Shown(BaseModel):
    """What the person shows: our number for them, or an insurance card that is tied to them; and the birthday."""

    model_config = ConfigDict(extra="forbid")

    birth_date: Day
    public_id: Annotated[UUID | None, BeforeValidator(_unsaid)] = None
    insurer: Annotated[Insurer | None, BeforeValidator(_unsaid)] = None
    symbol: str = Field("", max_length=40)
    number: Annotated[Word | None, BeforeValidator(_unsaid)] = None
    branch: Annotated[Branch | None, BeforeValidator(_unsaid)] = None


class LinkFields(Present):
    """The number to be tied: of a card (insurer, symbol, number, branch), or of a facility (facility, number).

    ``evidence``: what she saw, in words (保険証の原本). ``since``, ``until``: its first day, the first without it.
    """

    kind: Literal["insurance", "facility"]
    number: Word
    evidence: Word
    insurer: Annotated[Insurer | None, BeforeValidator(_unsaid)] = None
    symbol: str = Field("", max_length=40)
    branch: Annotated[Branch | None, BeforeValidator(_unsaid)] = None
    facility: Annotated[FacilityCode | None, BeforeValidator(_unsaid)] = None
    since: Annotated[Day | None, BeforeValidator(_unsaid)] = None
    until: Annotated[Day | None, BeforeValidator(_unsaid)] = None

    def new(self) -> NewLink:
        """Raises Problem (422) when a part of the number is missing."""
        if self.since and self.until and self.since >= self.until:
            raise Problem(
                422, "日を確かめてください", "終わりの日を、始まりの日よりあとにしてください。 until <= since."
            )
        days = {"since": self.since, "until": self.until}
        if self.kind == "insurance" and self.insurer and self.branch:
            card = Card(self.insurer, self.symbol, self.number, self.branch, self.birth_date)
            return NewLink(kind="insurance", system=MEMBER_ID, value=card.value, evidence=self.evidence, **days)
        if self.kind == "facility" and self.facility:
            system = _FACILITY + self.facility
            return NewLink(kind="facility", system=system, value=self.number, evidence=self.evidence, **days)
        raise Problem(
            422,
            "番号が足りません",
            "保険証は保険者番号と枝番を、診察券は医療機関コード(10桁)を入れてください。"
            " A part of the number is missing.",
        )


def find(conn: psycopg.Connection, nurse: NurseOnDuty, shown: Shown | Present, request: Request) -> int:
    """The one person of her town who is meant. Raises Problem (404), and the try is written down."""
    if shown.public_id is not None:
        person_id = links.present(conn, shown.public_id, shown.birth_date)
        if person_id is None:
            deny(conn, nurse, None, request=request, problem=not_found())
        return person_id
    assert isinstance(shown, Shown)
    if not (shown.insurer and shown.number and shown.branch):
        raise Problem(422, "番号が足りません", "保険証の番号か、ご本人の番号を入れてください。 Who is meant?")
    card = Card(shown.insurer, shown.symbol, shown.number, shown.branch, shown.birth_date)
    return acting.at_the_counter(conn, nurse, card, request)


def theirs(conn: psycopg.Connection, nurse: NurseOnDuty, person_id: int, *, link_id: UUID, request: Request) -> Link:
    """This link of the person. Raises Problem (404), and the try is written down."""
    for one in links.of_person(conn, person_id):
        if one.identifier_id == link_id:
            return one
    deny(conn, nurse, person_id, request=request, problem=not_found())


def taken() -> Problem:
    """The number is somebody else's: nothing moves."""
    return Problem(
        409,
        "ほかの方につながっている番号です",
        "この番号は、いまはほかの方の記録につながっています。何も変えていません。"
        "「番号をつなぐ」の「確かめること」に残しましたので、保険者や医療機関に確かめてください。"
        " The number names somebody else; a conflict was noted for somebody to look into.",
    )
