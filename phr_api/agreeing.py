"""Giving a consent, by whomever: the same checks and refusals for pages, programs and the counter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
from pydantic import BaseModel, ConfigDict, Field

from phr_api.inputs import Moment, Word
from phr_api.problems import Problem
from store import consent_words, consents
from store.clock import civil_day, day_start


class NewConsent(BaseModel):
    """One purpose at a time, with ``recipient`` and ``items`` as its words name them (``/api/consent-words``).

    ``text_version``: the words that were shown, which must be the newest of this purpose.
    """

    model_config = ConfigDict(extra="forbid")

    purpose: Word
    recipient: Word
    items: list[Word] = Field(min_length=1, max_length=50)
    text_version: Word
    valid_to: Moment | None = None


def agree(conn: psycopg.Connection, person_id: int, new: NewConsent, *, given_by: str) -> consents.Consent:
    """Give it from now on; it takes the place of an earlier one for the same purpose and recipient.

    Raises Problem: 422 what no words say or what is over before it begins, 409 when newer words have to be read
    first, or when the person has left the record.
    """
    now = datetime.now(UTC)
    if new.valid_to and new.valid_to <= now:
        raise Problem(422, "期限を確かめてください", "期限はこれからの日時にしてください。 valid_to must lie ahead.")
    if _outdated(new):
        raise Problem(
            409,
            "説明が新しくなりました",
            "同意の画面を開き直して、新しい説明をお読みください。 Newer words exist: show those of /api/consent-words.",
        )
    consent_id = _give(conn, person_id, **new.model_dump(), given_by=given_by, valid_from=now)
    consents.replace_older(conn, person_id, consent_id)
    return next(one for one in consents.of_person(conn, person_id) if one.consent_id == consent_id)


def agree_on_paper(conn: psycopg.Connection, person_id: int, **given: Any) -> int:
    """The same from a signed paper, in the arguments of ``consents.give``: printed words may be older ones, and it
    counts from the day of the signature. A paper that was left lying gives way to what the person decided since.
    Raises Problem (409, 422); returns the consent's id."""
    if given["valid_to"] is not None and given["valid_to"] <= datetime.now(UTC):
        raise Problem(422, "期限を確かめてください", "期限が過ぎています。 valid_to must lie ahead.")
    if _overtaken(conn, person_id, purpose=given["purpose"], recipient=given["recipient"], signed=given["valid_from"]):
        raise Problem(
            409,
            "署名のあとに、ご本人が決め直しています",
            "ご本人に確かめて、きょうの日付で署名をいただいてください。"
            " The person took this back, or agreed anew, on the day of the signature or since: a new paper is needed.",
        )
    consent_id = _give(conn, person_id, **given)
    consents.replace_older(conn, person_id, consent_id)
    return consent_id


def _overtaken(conn: psycopg.Connection, person_id: int, *, purpose: str, recipient: str, signed: datetime) -> bool:
    """On the day of the signature itself nobody knows what came first: a paper entered that very day is believed."""
    today = day_start(civil_day(datetime.now(UTC)))
    return signed < today and consents.decided_since(
        conn, person_id, purpose=purpose, recipient=recipient, moment=signed
    )


def _give(conn: psycopg.Connection, person_id: int, **given: Any) -> int:
    try:
        return consents.give(conn, person_id, **given)
    except consent_words.NotInTheWords as fault:
        raise Problem(422, "この内容では同意できません", f"同意の説明にある中から選んでください。 {fault}.") from None
    except consents.Left:
        raise Problem(
            409,
            "先に「さかた健康記録を使う」への同意が必要です",
            "同意の画面で、はじめの項目からお選びください。 This person has left: give purpose phr first.",
        ) from None


def _outdated(new: NewConsent) -> bool:
    newest = next((words for words in consent_words.current() if words.purpose == new.purpose), None)
    try:
        return newest is not None and consent_words.words(new.purpose, new.text_version) != newest
    except consent_words.NotInTheWords:
        return False  # `give` says that there are no such words
