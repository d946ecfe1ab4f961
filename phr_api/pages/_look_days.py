"""The audit of one person as days and lines: what was done alike on one day is one line. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from phr_api.pages import _look_words
from store.clock import JST, civil_day
from store.looks import Look

_STRIP_DAYS = 30


@dataclass(frozen=True, slots=True)
class Line:
    """``number``: of the newest look in it, for an enquiry. ``when``: '7:12' or '7:12〜9:40(3回)'."""

    number: int
    when: str
    who: str
    did: str
    what: str
    why: str
    refused: bool
    emergency: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One of the last days: the ``place``-th from the left; how many lines it has."""

    place: int
    day: date
    often: int
    emergency: bool


def strip(days: Sequence[tuple[date, Sequence[Line]]], now: datetime) -> list[Column]:
    """The last 30 days as columns, oldest first, today the last."""
    known = dict(days)
    first = civil_day(now) - timedelta(days=_STRIP_DAYS - 1)
    columns = []
    for place in range(_STRIP_DAYS):
        day = first + timedelta(days=place)
        lines = known.get(day, ())
        columns.append(Column(place, day, len(lines), any(line.emergency for line in lines)))
    return columns


def by_day(rows: Sequence[Look], who: Callable[[Look], str]) -> list[tuple[date, list[Line]]]:
    """Days and lines, newest first; ``who`` says who looked."""
    newest = sorted(rows, key=lambda row: (row.at, row.look_id), reverse=True)
    return [(day, _lines(list(group), who)) for day, group in groupby(newest, key=lambda row: civil_day(row.at))]


def _lines(rows: Sequence[Look], who: Callable[[Look], str]) -> list[Line]:
    alike: dict[tuple[object, ...], list[Look]] = {}
    for row in rows:
        key = (row.actor, row.action, row.items, row.purpose, row.allowed, _emergency(row))
        alike.setdefault(key, []).append(row)
    return [_line(group, who) for group in alike.values()]


def _line(group: Sequence[Look], who: Callable[[Look], str]) -> Line:
    newest = group[0]
    return Line(
        number=newest.look_id,
        when=_when(group),
        who=who(newest),
        did=_look_words.did(newest.action, newest.allowed),
        what=_look_words.what(newest.items),
        why=_look_words.why(newest.purpose),
        refused=not newest.allowed,
        emergency=_emergency(newest),
    )


def _when(group: Sequence[Look]) -> str:
    first, last = _clock(group[-1]), _clock(group[0])
    often = f"({len(group)}回)" if len(group) > 1 else ""
    return f"{first}{often}" if first == last else f"{first}〜{last}{often}"


def _clock(row: Look) -> str:
    local = row.at.astimezone(JST)
    return f"{local.hour}:{local.minute:02}"


def _emergency(row: Look) -> bool:
    return row.basis.startswith("opening:") or row.purpose == "emergency"
