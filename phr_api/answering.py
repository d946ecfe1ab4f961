"""Answering advice, for oneself or for whom one may enter: the same checks for page and API."""

from __future__ import annotations

import psycopg
from fastapi import Request

from phr_api.doors import deny, look
from phr_api.problems import forbidden, not_found
from store import advice
from store.advice import TOLD_FOR_OTHERS, Answer
from store.entitlements import Behalf


def answer(conn: psycopg.Connection, me: Behalf, advice_id: int, given: Answer, *, request: Request) -> None:
    """Note it. Raises Problem: 403 for another's opinion, 404 when it is not their advice."""
    if me.ward and given not in TOLD_FOR_OTHERS:
        deny(conn, me.me, me.person_id, request=request, problem=forbidden())
    look(conn, me, me.person_id, items="feedback", purpose=me.purpose, request=request, action="write")
    if not advice.feedback(conn, me.person_id, advice_id, given, by_proxy=me.ward is not None):
        raise not_found()
