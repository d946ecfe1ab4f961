"""Keeping what was typed in or corrected, by whomever: the same checks and refusals for citizen and 保健師."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg

from phr_api.entry import Correction, Entry, Refused, TypedMetric, corrected, samples
from phr_api.problems import Problem, not_found
from store import corrections, typed
from store.corrections import Corrected
from store.metrics import METRICS
from store.model import Sample
from store.sources import Enterer
from store.typed import Typed


def keep(conn: psycopg.Connection, person_id: int, entries: Sequence[Entry], who: Enterer) -> Typed:
    """All are kept or none. Raises Refused: 422 what does not fit, 409 another value is kept for that moment."""
    now = datetime.now(UTC)
    try:
        return typed.add(conn, person_id, samples(entries, now), now, who=who)
    except typed.AlreadyDifferent as clash:
        raise Refused(
            f"{METRICS[clash.metric].ja}: 測り直した値は、その時刻で入力してください。"
            " Another value is kept for this metric and time: send yours with its own time, or correct it with PUT.",
            clash.metric,
            status=409,
            title="その時刻の値はすでに保存されています",
        ) from None


def keep_instead(conn: psycopg.Connection, person_id: int, entries: Sequence[Entry], who: Enterer) -> int:
    """The same, in the place of what they typed in for these moments; how many are new or another. Raises Refused."""
    now = datetime.now(UTC)
    wanted = samples(entries, now)
    try:
        with conn.transaction():
            return _instead(conn, person_id, wanted, now, who=who)
    except corrections.UpsideDown:  # between the old pressures and the new ones: the other one goes first
        return _instead(conn, person_id, wanted[::-1], now, who=who)


def _instead(conn: psycopg.Connection, person_id: int, wanted: Sequence[Sample], now: datetime, *, who: Enterer) -> int:
    changed, fresh = 0, []
    for sample in wanted:
        try:
            changed += corrections.correct(conn, person_id, sample, who).changed
        except corrections.NotThere:
            fresh.append(sample)
    return changed + (typed.add(conn, person_id, fresh, now, who=who).stored if fresh else 0)


def put_right(
    conn: psycopg.Connection, person_id: int, correction: Correction, who: Enterer, *, metric: TypedMetric, at: datetime
) -> Corrected:
    """Replace what was typed in at this moment. Raises Problem: 404 nothing was, 422 what does not fit."""
    sample = corrected(metric, at, correction, datetime.now(UTC))
    try:
        return corrections.correct(conn, person_id, sample, who)
    except corrections.NotThere:
        raise not_found() from None
    except corrections.UpsideDown:
        raise Problem(
            422,
            "この値は保存できません",
            "血圧は上の値が下の値より大きくなるように入力してください。"
            " bp_sys must be above bp_dia: correct the other one first.",
        ) from None


def named(entries: Sequence[Entry]) -> str:
    """The kinds of numbers, for the audit."""
    return f"readings: {', '.join(sorted({one.metric for one in entries}))}"
