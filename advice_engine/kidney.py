"""Kidney values: estimated filtration, stages, the referral map, the course over years. Pure; no text says "CKD".

Sources: 日本腎臓学会 eGFRcreat (2009); CKD診療ガイドライン2023 (stages, referral to nephrology; the map is
``kidney_map.csv``, colours as KDIGO 2012); 糖尿病性腎症重症化予防プログラム (令和6年度版, secondary source).
One checkup is never an illness: kidney damage or eGFR below 60 counts when it lasts for three months.
"""

from __future__ import annotations

from csv import DictReader
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from advice_engine.facts import Facts
from advice_engine.history import Found, checkups
from advice_engine.once import once
from advice_engine.vetoes import ADULT

LOW = 60.0  # mL/min/1.73m2
THREE_MONTHS, YEAR = 90, 365.25  # days
QUICK_FALL, QUICK_DAYS = 0.30, 100  # of the earlier value, within three months (and the slack of appointments)
STEEP_PER_YEAR, LEAST_VALUES = -5.0, 3
BLOOD_IN_URINE = 3  # answer code 1+
TRACE, PLUS = 2, 3  # answer codes of 尿蛋白: ±, 1+
_ACR_LINES, _YOUNG = (30, 300), 40  # mg/g; years

_ROWS = tuple(DictReader((files("advice_engine") / "kidney_map.csv").read_text("utf-8").splitlines()))


def egfr(creatinine: float, *, age: int, female: bool) -> float:
    """Estimated filtration, mL/min/1.73m2, from enzymatic creatinine (mg/dL); from 18 years on, else ValueError.

    Too high in people with very little muscle.
    """
    if age < ADULT or creatinine <= 0:
        raise ValueError("eGFR is defined from 18 years on, for a creatinine above zero")
    return float(194 * creatinine**-1.094 * age**-0.287 * (0.739 if female else 1))


def g_stage(value: float) -> str:
    """G1 to G5, of eGFR in mL/min/1.73m2."""
    return next(row["g"] for row in _ROWS if value >= float(row["from_egfr"]))


def a_stage(*, protein: float | None = None, acr: float | None = None) -> str | None:
    """A1 to A3, of urine albumin (mg/g; counts before the strip) or the strip's answer code; None: not measured."""
    if acr is not None:
        return "A1" if acr < _ACR_LINES[0] else "A2" if acr < _ACR_LINES[1] else "A3"
    if protein is None:
        return None
    return "A1" if protein < TRACE else "A2" if protein < PLUS else "A3"


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the map. ``referral``: none, refer, or only with haematuria, or only under 40 years."""

    colour: str
    referral: str

    def refers(self, *, age: int, blood: bool) -> bool:
        special = {"haematuria": blood, "under_40": age < _YOUNG}
        return self.referral == "refer" or special.get(self.referral, False)


def cell(g: str, a: str) -> Cell:
    """The map's field for a stage of each kind; KeyError or StopIteration for words that are no stage."""
    return Cell(*next(row for row in _ROWS if row["g"] == g)[a.lower()].split())


@dataclass(frozen=True, slots=True)
class Kidney:
    """The newest eGFR and the urine of the same checkup."""

    egfr: Found
    urine: Found | None  # strip or albumin
    a: str | None
    blood: bool

    @property
    def g(self) -> str:
        return g_stage(self.egfr.value)

    @property
    def found(self) -> tuple[Found, ...]:
        return (self.egfr, *((self.urine,) if self.urine else ()))


@once
def kidney(facts: Facts) -> Kidney | None:
    """From the newest checkup that measured eGFR; None where none did, and under 18."""
    newest = next((one for one in checkups(facts) if "egfr" in one.values), None)
    if newest is None or facts.age < ADULT:
        return None
    values, on = newest.values, newest.examined_on
    metric = next((one for one in ("urine_acr", "urine_protein") if one in values), None)
    return Kidney(
        Found("egfr", values["egfr"], on),
        Found(metric, values[metric], on) if metric else None,
        a_stage(protein=values.get("urine_protein"), acr=values.get("urine_acr")),
        values.get("urine_blood", 0) >= BLOOD_IN_URINE,
    )


def to_specialist(facts: Facts) -> Kidney | None:
    """The newest values where the map refers to a kidney specialist. An unmeasured urine counts as A1."""
    found = kidney(facts)
    referred = found is not None and cell(found.g, found.a or "A1").refers(age=facts.age, blood=found.blood)
    return found if referred else None


@once
def course(facts: Facts) -> tuple[Found, ...]:
    """Every day's eGFR of the last six years, ascending; of two on one day the document that came last."""
    by_day = {one.examined_on: one.values["egfr"] for one in reversed(checkups(facts)) if "egfr" in one.values}
    recent = (on for on in sorted(by_day) if (facts.today - on).days <= 6 * YEAR)
    return tuple(Found("egfr", by_day[on], on) for on in recent)


def slope_per_year(values: tuple[Found, ...]) -> float | None:
    """Least-squares slope, mL/min/1.73m2 a year; None with fewer than 3 values or less than a year between them."""
    if len(values) < LEAST_VALUES or (values[-1].on - values[0].on).days < 365:
        return None
    years = [(one.on - values[0].on).days / YEAR for one in values]
    middle, mean = sum(years) / len(years), sum(one.value for one in values) / len(values)
    spread = sum((year - middle) ** 2 for year in years)
    return sum((year - middle) * (one.value - mean) for year, one in zip(years, values, strict=True)) / spread


def quick_fall(values: tuple[Found, ...]) -> tuple[Found, Found] | None:
    """An earlier and the newest value, three months or less apart, between which 30 % were lost."""
    newest = values[-1] if values else None
    earlier = [one for one in values[:-1] if newest and (newest.on - one.on).days <= QUICK_DAYS]
    highest = max(earlier, key=lambda one: one.value, default=None)
    fell = newest and highest and newest.value <= (1 - QUICK_FALL) * highest.value
    return (highest, newest) if fell and highest and newest else None


def stays_low(values: tuple[Found, ...]) -> tuple[Found, Found] | None:
    """The newest value and one at least three months older, where these and all between them lie below 60."""
    newest = values[-1] if values else None
    if newest is None or newest.value >= LOW:
        return None
    for older in reversed(values[:-1]):
        if older.value >= LOW:
            return None
        if (newest.on - older.on).days >= THREE_MONTHS:
            return older, newest
    return None


def lately(values: tuple[Found, ...], since: date) -> bool:
    """Whether the newest value is of ``since`` or later."""
    return bool(values) and values[-1].on >= since
