"""What is known of one person at the moment of judging: one frozen value, gathered set-based (``gather``).

What is unknown is absent, never a default. Pure: no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import msgspec

from store.clock import age_on


# The three of which a person has hundreds are Structs: made and written several times as fast as dataclasses.
class DayFigure(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One civil day of one metric: ``value`` is the day's total (steps, sleep) or mean (all others)."""

    day: date
    value: float
    n: int


class HomePressure(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One home measurement, mmHg and beats/min; ``flags`` as ``store.model.Flag``."""

    at: datetime
    sys: float
    dia: float
    pulse: float | None = None
    flags: int = 0


class Point(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One reading in the metric's canonical unit."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Checkup:
    """One 特定健診. ``values``: metric word -> number; coded answers (``q_smoking``) -> the answer's code."""

    examined_on: date
    facility: str
    document_id: int
    values: Mapping[str, float]


GoalKind = Literal["steps", "weigh_in", "pressure", "weight", "dry_days", "breakfast"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal that the person set or accepted. ``target``: steps a day; days a week; of weight kg, from ``start``.

    ``until`` is its last day. ``tapped``: days that the person noted by hand (no alcohol, breakfast eaten).
    """

    kind: GoalKind
    target: float
    since: date
    until: date
    start: float | None = None
    tapped: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class CareAnswer:
    """The last word on one rule's red flag or referral: ``by`` whom ('self', 'proxy', 'nurse') and ``on`` which day.

    ``newest``: the last ISO day among the grounds that the answer was about, "" without any.
    """

    rule_id: str
    what: Literal["seen", "treated"]
    by: str
    on: date
    newest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that rules may look at. Sequences are ascending in time, ``checkups`` newest first."""

    person_id: int
    today: date
    birth_date: date
    sex: str  # 'male', 'female', 'other', 'unknown'
    # 120 days of steps, weight, body_fat, sleep, temperature
    days: Mapping[str, tuple[DayFigure, ...]] = field(default_factory=dict)
    pressures: tuple[HomePressure, ...] = ()  # 28 days
    glucoses: tuple[Point, ...] = ()  # self-measured, 28 days
    checkups: tuple[Checkup, ...] = ()
    conditions: frozenset[str] = frozenset()  # ICD-10 codes of released conditions
    drugs: frozenset[str] = frozenset()  # codes of medicines of the last year (YJ, HOT, general name)
    devices: frozenset[str] = frozenset()  # metrics that the person's registered devices can measure
    unwanted: frozenset[str] = frozenset()  # rule ids answered "not for me"
    goals: tuple[Goal, ...] = ()  # those not ended, at most one of a kind
    care: tuple[CareAnswer, ...] = ()  # what is said of red flags and referrals: a doctor has seen to it

    derived: dict[object, object] = field(default_factory=dict, init=False, repr=False, compare=False)  # see ``once``

    @property
    def age(self) -> int:
        return age_on(self.birth_date, self.today)
