"""The demo's live lines: who measured what, and which advice stands on it. Invented people only."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import psycopg

from store import people
from store.advice import AdviceRow, open_for
from store.clock import JST
from store.metrics import METRICS

_PATIENCE = 4.0  # seconds to wait for the judgement of a reading
_LINES = 2  # at most, each time
_BACKLOG = 20

_NEW = """
    select person_id, at, max(received_at),
           array_agg(metric order by metric), array_agg(value order by metric)
      from health.readings
     where received_at > %s and at > now() - interval '2 days' and metric <> 'steps_day'
     group by person_id, at, source_id order by max(received_at)
"""


@dataclass(frozen=True, slots=True)
class News:
    """One measurement that has just come in."""

    person_id: int
    received_at: datetime
    metrics: tuple[str, ...]
    values: tuple[float, ...]
    seen: float


class Feed:
    """Follows a database of invented people and tells what happens in it."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn
        self._news: deque[News] = deque(maxlen=_BACKLOG)
        row = conn.execute("select coalesce(max(received_at), now()) from health.readings").fetchone()
        assert row is not None
        self._last: datetime = row[0]

    def lines(self) -> Iterator[str]:
        """What there is to say since the last call: a few lines, the rest is left out."""
        self._look()
        for _ in range(_LINES):
            if not self._news or not self._ripe(self._news[0]):
                return
            yield self._line(self._news.popleft())

    def _look(self) -> None:
        for person_id, _, received_at, metrics, values in self._conn.execute(_NEW, (self._last,)).fetchall():
            self._last = max(self._last, received_at)
            self._news.append(News(person_id, received_at, tuple(metrics), tuple(values), time.monotonic()))

    def _ripe(self, news: News) -> bool:
        """Whether the person has been judged since, or that takes too long to wait for."""
        if time.monotonic() - news.seen > _PATIENCE:
            return True
        judged = self._conn.execute(
            "select exists (select from health.decisions where person_id = %s and at >= %s)",
            (news.person_id, news.received_at),
        ).fetchone()
        return bool(judged and judged[0])

    def _line(self, news: News) -> str:
        name = people.name_of(self._conn, news.person_id) or "?"
        when = news.received_at.astimezone(JST)
        advice = most_fitting(open_for(self._conn, news.person_id), news.metrics)
        return f"{when:%H:%M:%S}  {name}  {said(news)} → {advice.title if advice else '今日の助言はありません'}"


def said(news: News) -> str:
    """The measurement as people say it: 血圧は一組で。"""
    found = dict(zip(news.metrics, news.values, strict=True))
    if "bp_sys" in found and "bp_dia" in found:
        return f"血圧 {found['bp_sys']:.0f}/{found['bp_dia']:.0f} mmHg"
    told = ((METRICS[word.removesuffix("_counter")], value) for word, value in found.items() if word in METRICS)
    return "、".join(f"{metric.ja} {value:.{metric.digits}f} {metric.unit_ja}" for metric, value in told)


def most_fitting(rows: list[AdviceRow], metrics: tuple[str, ...]) -> AdviceRow | None:
    """The first advice that rests on what was measured, else the first of all."""
    family = {word.removesuffix("_counter").removesuffix("_day") for word in metrics}
    about = (row for row in rows if family & {str(ground.get("metric", "")) for ground in row.rests_on})
    return next(about, rows[0] if rows else None)
