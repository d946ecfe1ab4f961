"""Papers at the counter: a signed consent, a signed withdrawal, a proxy's evidence. Entered by a 保健師, who is named.

She need not be allowed to see the person: who has signed nothing yet must be able to sign. She learns nothing about
them but that the card fits (``acting.at_the_counter``); the person sees the paper on their own page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import psycopg
from pydantic import BaseModel, ConfigDict, Field

from phr_api.acting import Branch, Card, Insurer
from phr_api.agreeing import agree_on_paper
from phr_api.inputs import Day, Word
from phr_api.problems import Problem, not_found
from store import consent_scans, consents
from store.clock import civil_day, day_start
from store.consent_scans import Scan
from store.sessions import NurseOnDuty


class CardFields(BaseModel):
    """The insurance card and the birthday, as a form sends them."""

    model_config = ConfigDict(extra="forbid")

    insurer: Insurer
    symbol: str = Field("", max_length=40)
    number: Word
    branch: Branch
    birth_date: Day

    @property
    def card(self) -> Card:
        return Card(self.insurer, self.symbol, self.number, self.branch, self.birth_date)


class Paper(CardFields):
    """What the signed paper says. ``signed_on``: the day of the signature, from which it counts."""

    purpose: Word
    signed_on: Day


@dataclass(frozen=True, slots=True)
class Kept:
    """The consents that were given, or taken back, by this paper."""

    consent_ids: list[int]


def read_scan(content: bytes) -> Scan:
    """The scan. Raises Problem: 413 too large, 422 no whole PDF, JPEG or PNG."""
    if len(content) > consent_scans.MOST_BYTES:
        raise Problem(413, "大きすぎます", "5 MB までの PDF か写真にしてください。 At most 5 MB.")
    try:
        return consent_scans.read(content)
    except ValueError:
        raise Problem(
            422,
            "この書類は読み取れません",
            "PDF、JPEG、PNG のどれかで、途中で切れていないものを選んでください。 A whole PDF, JPEG or PNG is needed.",
        ) from None


def give(
    conn: psycopg.Connection,
    nurse: NurseOnDuty,
    person_id: int,
    paper: Paper,
    *,
    recipient: str,
    items: Sequence[str],
    version: str,
    valid_to: date | None,
    scan: Scan,
) -> Kept:
    """Keep a signed consent with its scan, from the day of the signature. Raises Problem (409, 422)."""
    consent_id = agree_on_paper(
        conn,
        person_id,
        purpose=paper.purpose,
        recipient=recipient,
        items=items,
        text_version=version,
        given_by=f"paper:{nurse.staff_id}",
        valid_from=day_start(_past(paper.signed_on)),
        valid_to=day_start(valid_to) if valid_to else None,
    )
    consent_scans.attach(conn, consent_id, scan, by=nurse.actor)
    return Kept([consent_id])


def withdraw(conn: psycopg.Connection, nurse: NurseOnDuty, person_id: int, paper: Paper, *, scan: Scan) -> Kept:
    """Take back, at once, every consent of this purpose that runs. Raises Problem (404) when none does."""
    _past(paper.signed_on)
    now, by = datetime.now(UTC), f"paper:{nurse.staff_id}"
    running = [one for one in consents.of_person(conn, person_id) if one.purpose == paper.purpose and one.in_force(now)]
    if not running:
        raise not_found()
    for one in running:
        consents.withdraw(conn, person_id, one.consent_id, now, by=by)
        consent_scans.attach(conn, one.consent_id, scan, what="withdrawn", by=nurse.actor)
    return Kept([one.consent_id for one in running])


def _past(day: date) -> date:
    if day > civil_day(datetime.now(UTC)):
        raise Problem(422, "署名の日を確かめてください", "きょうまでの日にしてください。 signed_on lies ahead.")
    return day
