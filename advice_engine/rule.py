"""The shape of one advice rule. A rule is a frozen value with its words, its source and one small check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from advice_engine.facts import Facts

Kind = Literal["red_flag", "referral", "advice", "praise", "information"]
Audience = Literal["citizen", "nurse", "both"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rule's line comes from: guideline, year, section. ``verified`` is False while unconfirmed."""

    guideline: str
    year: int
    section: str
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Ground:
    """One reading or answer that a speech rests on, as the citizen reads it."""

    metric: str
    what: str  # 収縮期血圧, 朝食(質問票17)
    value: str  # 149 mmHg, 週3回以上抜く
    at: str  # ISO date, or "2026-11-01/2026-11-07" for a span


@dataclass(frozen=True, slots=True)
class English:
    """The same words in plain English. Reason and grounds stay in Japanese: they name the official sources."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Speech:
    """What a rule says about one person: plain, kind Japanese, and the same in English."""

    title: str
    body: str
    reason: str
    rests_on: tuple[Ground, ...]
    english: English | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. ``when`` is pure and total: silent (None) on facts it lacks, never raises.

    ``urgency``: 4 today, 3 soon, 2 within a month, 1 normal, 0 no hurry. ``rest_days``: how long after a push
    the same rule does not push again (the screen still shows it). ``topic`` groups rules that would say the
    same thing twice. ``needs`` names the facts it looks at. ``clinic_first`` marks a referral of the red-flag table:
    while it speaks on values of the last year, advice on diet and exercise waits for the clinic. ``renews``: a later
    day among its grounds (the next checkup, this week's swap) is a new occasion, told anew, and not a change of the
    old words.
    """

    id: str
    title: str
    kind: Kind
    urgency: int
    audience: Audience
    topic: str
    needs: tuple[str, ...]
    when: Callable[[Facts], Speech | None]
    rest_days: int
    source: Source
    false_alarms: str
    clinic_first: bool = False
    renews: bool = False
