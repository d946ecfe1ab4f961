"""Giving and taking back consents for somebody else: by a proxy (``behalf.MayAgree``), and at the counter with a signed
paper. Nothing else of the person is seen like this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

import psycopg
from fastapi import Request
from pydantic import Field

from phr_api.doors import deny
from phr_api.inputs import Word
from phr_api.problems import Problem
from store import reaching, sealing
from store.sessions import NurseOnDuty

MEMBER_ID = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"  # 被保険者個人識別子, as records name it

Insurer = Annotated[str, Field(pattern=r"^[0-9]{8}$", description="保険者番号, 8 digits")]
Branch = Annotated[str, Field(pattern=r"^[0-9]{2}$", description="枝番, 2 digits")]


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
    reaching.serve(conn, row[0])
    return int(row[0])


def _nobody() -> Problem:
    return Problem(
        404,
        "見つかりません",
        "保険証の記号・番号・枝番と生年月日を、もう一度お確かめください。"
        " No person of your town has this card and birthday.",
    )
