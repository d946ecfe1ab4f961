"""For whom a citizen acts: for oneself, or by an entitlement that is in force for somebody else; and whom the counter
serves with a signed paper. Only consents are given and taken back like this, nothing else of the person is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

import psycopg
from fastapi import Request
from pydantic import Field

from phr_api.doors import deny
from phr_api.inputs import Word
from phr_api.problems import Problem, not_found
from store import entitlements, reaching, sealing
from store.sessions import Citizen, NurseOnDuty

MEMBER_ID = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"  # 被保険者個人識別子, as records name it

Insurer = Annotated[str, Field(pattern=r"^[0-9]{8}$", description="保険者番号, 8 digits")]
Branch = Annotated[str, Field(pattern=r"^[0-9]{2}$", description="枝番, 2 digits")]


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom, and how the consent says so: 'self' or 'proxy:<entitlement id>'. ``purpose`` is the audit's."""

    person_id: int
    given_by: str
    purpose: str


def whose(conn: psycopg.Connection, me: Citizen, public_id: UUID | None, request: Request) -> Acting:
    """Oneself (``public_id`` None or one's own), or whom one may act for now; else 404, and the try is written down."""
    if public_id is None or public_id == me.public_id:
        return Acting(me.person_id, "self", "own")
    for one in entitlements.of_proxy(conn, me.person_id, datetime.now(UTC)):
        if one.public_id == public_id:
            return Acting(one.person_id, f"proxy:{one.entitlement_id}", "proxy")
    row = conn.execute("select health.number_of(%s)", (public_id,)).fetchone()
    deny(conn, me, row[0] if row else None, request=request, problem=not_found())


def step_in(conn: psycopg.Connection, person_id: int) -> None:
    """The rest of the transaction is this person's own, as if they had come themselves: what a consent changes
    besides its own row (their readings, their advice) is within reach. To be called once it is written down who acts.
    """
    reaching.step_in(conn, person_id)


@dataclass(frozen=True, slots=True)
class Card:
    """An insurance card as it is read at the counter, with the birthday that must fit it."""

    insurer: Insurer
    symbol: Annotated[str, Field(max_length=40)]
    number: Word
    branch: Branch
    birth_date: date

    @property
    def value(self) -> str:
        """How records write it: insurer, symbol, number as written, branch."""
        return f"{self.insurer}:{self.symbol}:{self.number}:{self.branch}"


def at_the_counter(conn: psycopg.Connection, nurse: NurseOnDuty, card: Card, request: Request) -> int:
    """The one person of her town with this card and birthday. Raises Problem (404), and the try is written down.

    Nothing about the person is told; who may be looked at is another question (``reach``).
    """
    row = conn.execute(
        "select identity.at_the_counter(%s, %s, %s, %s)",
        (MEMBER_ID, list(sealing.hashes(conn, MEMBER_ID, card.value)), card.birth_date, nurse.town),
    ).fetchone()
    if row is None or row[0] is None:
        deny(conn, nurse, None, request=request, problem=_nobody())
    return int(row[0])


def _nobody() -> Problem:
    return Problem(
        404,
        "見つかりません",
        "保険証の記号・番号・枝番と生年月日を、もう一度お確かめください。"
        " No person of your town has this card and birthday.",
    )
