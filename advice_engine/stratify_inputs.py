"""What 階層化 and メタボ判定 look at, from a checkup document or a CSV row. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from advice_engine.facts import Checkup
from advice_engine.sources import FOURTH_TERM
from store.clock import age_on, fiscal_year_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the judgement looks at. None: not measured or not answered. Units: cm, cm2, kg/m2, mmHg, mg/dL, %."""

    age_fy_end: int
    sex: str | None = None  # 'M', 'F'; None: unknown
    waist_cm: float | None = None
    vfa_cm2: float | None = None
    bmi: float | None = None  # as reported
    sbp: float | None = None
    dbp: float | None = None
    tg_fasting: float | None = None
    tg_casual: float | None = None
    hdl: float | None = None
    fpg: float | None = None
    hba1c_ngsp: float | None = None
    glucose_casual: float | None = None
    blood_draw_code: int | None = None  # 2: >= 10 h after the meal, 3: 3.5-10 h, 4: < 3.5 h
    smoking_code: int | None = None  # 1: smokes now
    med_bp: bool | None = None
    med_glucose: bool | None = None
    med_lipid: bool | None = None
    med_since: bool = False  # 保険者再確認: a drug begun after the checkup
    third_term: bool = False  # examined before April 2024


_FROM_CHECKUP = {
    "waist_cm": "waist",
    "vfa_cm2": "vfa",
    "bmi": "bmi",
    "sbp": "office_bp_sys",
    "dbp": "office_bp_dia",
    "tg_fasting": "tg_fasting",
    "tg_casual": "tg_casual",
    "hdl": "hdl",
    "fpg": "fpg",
    "hba1c_ngsp": "hba1c",
    "glucose_casual": "glucose_casual",
}


def from_checkup(checkup: Checkup, sex: str, birth_date: date) -> Inputs:
    """The inputs that a checkup document holds. ``sex``: 'male', 'female', anything else is unknown."""
    values = checkup.values
    measured: dict[str, Any] = {name: values.get(metric) for name, metric in _FROM_CHECKUP.items()}
    return Inputs(
        age_fy_end=age_on(birth_date, fiscal_year_end(checkup.examined_on)),
        sex={"male": "M", "female": "F"}.get(sex),
        **measured,
        blood_draw_code=_code(values.get("blood_draw")),
        smoking_code=_code(values.get("q_smoking")),
        med_bp=_took(values, "bp"),
        med_glucose=_took(values, "glucose"),
        med_lipid=_took(values, "lipid"),
        third_term=checkup.examined_on < FOURTH_TERM,
        med_since=any(values.get(f"recheck_med_{kind}") == 2 for kind in ("bp", "glucose", "lipid")),
    )


def _code(value: float | None) -> int | None:
    return None if value is None else int(value)


def _took(values: Mapping[str, float], kind: str) -> bool | None:
    """On a drug at the checkup: the questionnaire, corrected by the insurer's 再確認 (1: was on it after all)."""
    if values.get(f"recheck_med_{kind}") == 1:
        return True
    return _yes(values.get(f"q_med_{kind}"))


def from_row(row: Mapping[str, str]) -> Inputs:
    """The inputs of one CSV row (questionnaire codes as written; empty: missing). ValueError names the column."""
    age, sex = _code(_number(row, "age_fy_end")), (row.get("sex") or "").strip() or None
    if age is None or sex not in ("M", "F", None):
        raise ValueError("age_fy_end is needed" if age is None else "sex must be M or F")
    measured: dict[str, Any] = {name: _number(row, name) for name in _FROM_CHECKUP}
    taken: dict[str, Any] = {name: _yes(_number(row, name)) for name in ("med_bp", "med_glucose", "med_lipid")}
    return Inputs(
        age_fy_end=age,
        sex=sex,
        blood_draw_code=_code(_number(row, "blood_draw_code")),
        smoking_code=_code(_number(row, "smoking_code")),
        **measured,
        **taken,
    )


def _yes(answer: float | None) -> bool | None:
    return None if answer is None else answer == 1


def _number(row: Mapping[str, str], name: str) -> float | None:
    text = (row.get(name) or "").strip()
    try:
        number = float(text) if text else None
    except ValueError:
        raise ValueError(f"{name} is not a number") from None
    if number is not None and not isfinite(number):
        raise ValueError(f"{name} is not a number")
    return number
