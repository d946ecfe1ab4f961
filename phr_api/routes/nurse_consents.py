"""What a 保健師 enters from signed papers: consents, their withdrawal, and who may act for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

import psycopg
from fastapi import APIRouter, Form, Request, UploadFile
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from phr_api import acting, counter
from phr_api.counter import CardFields, Kept, Paper, read_scan
from phr_api.doors import Conn, Desk, look
from phr_api.inputs import Day, Word
from phr_api.problems import Problem, not_found
from store import consent_scans, entitlements
from store.clock import civil_day, day_start
from store.entitlements import AGREE, May
from store.sessions import NurseOnDuty

ROUTER = APIRouter(prefix="/api/nurse", tags=["nurse"])

MOST_BODY = consent_scans.MOST_BYTES + 100_000  # the form's other fields


class PaperConsent(Paper):
    """``text_version``: the words that are printed on the paper; ``valid_to``: the first day on which it is over."""

    recipient: Word
    items: list[Word] = Field(min_length=1, max_length=50)
    text_version: Word
    valid_to: Annotated[Day | None, BeforeValidator(lambda said: said or None)] = None  # a form's empty field
    scan: UploadFile


class PaperWithdrawal(Paper):
    """Every consent of this purpose that runs is taken back."""

    scan: UploadFile


@ROUTER.post(
    "/paper-consents", status_code=201, summary="紙の同意書を入力する / Enter a signed consent", max_body_size=MOST_BODY
)
def give(request: Request, nurse: Desk, conn: Conn, *, paper: Annotated[PaperConsent, Form()]) -> Kept:
    """404 when no person of her town has this card and birthday; the try is written down."""
    scan = read_scan(paper.scan.file.read(consent_scans.MOST_BYTES + 1))
    person_id = acting.at_the_counter(conn, nurse, paper.card, request)
    look(conn, nurse, person_id, items="consents", purpose="paper", request=request, action="write")
    acting.step_in(conn, person_id)
    return counter.give(
        conn,
        nurse,
        person_id,
        paper,
        recipient=paper.recipient,
        items=paper.items,
        version=paper.text_version,
        valid_to=paper.valid_to,
        scan=scan,
    )


@ROUTER.post(
    "/paper-withdrawals", summary="紙の取りやめを入力する / Enter a signed withdrawal", max_body_size=MOST_BODY
)
def withdraw(request: Request, nurse: Desk, conn: Conn, *, paper: Annotated[PaperWithdrawal, Form()]) -> Kept:
    """At once. 404 also when nothing of this purpose runs."""
    scan = read_scan(paper.scan.file.read(consent_scans.MOST_BYTES + 1))
    person_id = acting.at_the_counter(conn, nurse, paper.card, request)
    look(conn, nurse, person_id, items="consents", purpose="paper", request=request, action="write")
    acting.step_in(conn, person_id)
    return counter.withdraw(conn, nurse, person_id, paper, scan=scan)


class NewEntitlement(BaseModel):
    """``relation``: what the proxy is to the person (母, 長男, ヘルパー), no name. ``evidence``: which paper she saw.

    ``scope``: what the paper says that they may do; ``enter`` needs ``see``. A parent's holds until the child is 18 at
    the latest; a caregiver's needs ``valid_to``, the first day after it.
    """

    model_config = ConfigDict(extra="forbid")

    person: CardFields
    proxy: CardFields
    kind: Literal["parent", "caregiver"]
    relation: Word
    evidence: Word
    scope: list[May] = Field(list(AGREE), min_length=1, max_length=3)
    valid_to: Day | None = None


@dataclass(frozen=True, slots=True)
class Entitled:
    entitlement_id: int


@ROUTER.post("/entitlements", status_code=201, summary="代理を登録する / Note who may act for somebody")
def entitle(request: Request, nurse: Desk, conn: Conn, *, new: NewEntitlement) -> Entitled:
    """Both cards must be of people of her town. The person sees it on their page and can end it there."""
    today = civil_day(datetime.now(UTC))
    if new.kind == "caregiver" and (new.valid_to is None or new.valid_to <= today):
        raise Problem(422, "期限が必要です", "これからの日を入れてください。 A caregiver's entitlement needs an end.")
    if "enter" in new.scope and "see" not in new.scope:
        raise Problem(422, "「見る」も必要です", "入力を任せるときは、見ることも任せます。 enter needs see.")
    proxy_id = acting.at_the_counter(conn, nurse, new.proxy.card, request)
    person_id = acting.at_the_counter(conn, nurse, new.person.card, request)
    if proxy_id == person_id:
        raise Problem(422, "ご本人です", "代理の方の保険証を入力してください。 These are one person.")
    _note(conn, nurse, (person_id, proxy_id), request)
    return Entitled(
        entitlements.add(
            conn,
            person_id=person_id,
            proxy_id=proxy_id,
            kind=new.kind,
            relation=new.relation,
            scope=new.scope,
            valid_from=day_start(today),
            valid_to=day_start(new.valid_to) if new.valid_to else None,
            evidence=new.evidence,
            noted_by=nurse.actor,
        )
    )


class EndedEntitlement(BaseModel):
    """Both insurance cards, with the birthdays."""

    model_config = ConfigDict(extra="forbid")

    person: CardFields
    proxy: CardFields


@dataclass(frozen=True, slots=True)
class Ended:
    """How many entitlements ended."""

    ended: int


@ROUTER.post("/entitlement-endings", summary="代理を終わらせる / End all that a proxy may do for somebody, at once")
def end_entitlements(request: Request, nurse: Desk, conn: Conn, *, ended: EndedEntitlement) -> Ended:
    """On the person's word or a guardian's at the counter. 404 when there is nothing between them."""
    proxy_id = acting.at_the_counter(conn, nurse, ended.proxy.card, request)
    person_id = acting.at_the_counter(conn, nurse, ended.person.card, request)
    _note(conn, nurse, (person_id, proxy_id), request)
    done = entitlements.end_between(conn, person_id=person_id, proxy_id=proxy_id, by=nurse.actor)
    if not done:
        raise not_found()
    return Ended(done)


def _note(conn: psycopg.Connection, nurse: NurseOnDuty, both: tuple[int, int], request: Request) -> None:
    """Both read it: who is named as somebody's proxy must not learn it by chance."""
    for person_id in both:
        look(conn, nurse, person_id, items="entitlements", purpose="paper", request=request, action="write")
