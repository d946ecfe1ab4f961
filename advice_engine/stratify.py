"""階層化 (which 特定保健指導 a checkup leads to) and メタボ判定. Pure; the lines are in ``stratification.toml``.

A checkup is judged by the rules of its day: before April 2024 by the third term's, from then on by the fourth's.

Source: 標準的な健診・保健指導プログラム(令和6年度版), 厚生労働省, 2024. What is missing follows the convention of
the open JMA ORCA judgement program (a convention, not law): 判定不能 only where the missing value could change
the outcome.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from advice_engine.facts import Checkup
from advice_engine.stratify_inputs import Inputs, from_checkup, from_row

LINES: dict[str, Any] = tomllib.loads((files("advice_engine") / "stratification.toml").read_text("utf-8"))

__all__ = ["Agreement", "Inputs", "Outcome", "compare", "from_checkup", "from_row", "stratify", "to_row"]

_FAT, _RISK, _METABO = LINES["fat"], LINES["guidance"], LINES["metabo"]

LEVELS = {1: "積極的支援", 2: "動機付け支援", 3: "なし(情報提供)", 4: "判定不能"}  # OID 1.2.392.200119.6.3001
METABO = {1: "基準該当", 2: "予備群該当", 3: "非該当", 4: "判定不能"}  # OID 1.2.392.200119.6.1008
TOO_SOON_AFTER_MEAL = 4  # 採血時間: less than 3.5 h after the meal began; casual values cannot be used


@dataclass(frozen=True, slots=True)
class Outcome:
    """The judgement. ``level_code`` None: outside the ages. ``metabo_code`` None: not judged (casual values only)."""

    step1: str  # '(1)', '(2)', '該当なし', '不明'
    risk_bp: bool | None
    risk_lipid: bool | None
    risk_glucose: bool | None
    smoking_counted: bool
    risk_count: int
    level_code: int | None
    level_ja: str
    metabo_code: int | None
    metabo_ja: str


def stratify(inputs: Inputs) -> Outcome:
    """The level of guidance and the メタボ verdict of one checkup."""
    step1 = _step1(inputs)
    risks = (_pressure(inputs), _lipids(inputs), _glucose(inputs))
    known = sum(risk is True for risk in risks)
    smoking = inputs.smoking_code == 1 and known > 0
    level = _level(inputs, step1, risks)
    metabo = _metabo(inputs)
    return Outcome(
        step1,
        *risks,
        smoking_counted=smoking,
        risk_count=known + smoking,
        level_code=level,
        level_ja=LEVELS[level] if level else "対象外(年齢)",
        metabo_code=metabo,
        metabo_ja=METABO[metabo] if metabo else "",
    )


def _any(*parts: bool | None) -> bool | None:
    """Or with unknowns: True if any part is, None while an unknown part could still decide."""
    return True if any(parts) else None if None in parts else False


def _at_least(value: float | None, line: float) -> bool | None:
    return None if value is None else value >= line


def _abdominal_fat(inputs: Inputs) -> bool | None:
    if inputs.vfa_cm2 is not None:
        return inputs.vfa_cm2 >= float(_FAT["vfa"])
    lines = {_FAT["waist_M"], _FAT["waist_F"]} if inputs.sex is None else {_FAT[f"waist_{inputs.sex}"]}
    found = {_at_least(inputs.waist_cm, line) for line in lines}
    return found.pop() if len(found) == 1 else None  # sex unknown and between the two lines


def _step1(inputs: Inputs) -> str:
    fat = _abdominal_fat(inputs)
    if fat:
        return "(1)"
    heavy = _at_least(inputs.bmi, _FAT["bmi"])
    if fat is None or heavy is None:
        return "不明"
    return "(2)" if heavy else "該当なし"


def _casual(inputs: Inputs, value: float | None) -> float | None:
    return None if inputs.blood_draw_code == TOO_SOON_AFTER_MEAL else value


def _pressure(inputs: Inputs) -> bool | None:
    return _any(_at_least(inputs.sbp, _RISK["sbp"]), _at_least(inputs.dbp, _RISK["dbp"]))


def _terms(inputs: Inputs) -> dict[str, float]:
    """The lines of 階層化 of the term in which the person was examined."""
    lines: dict[str, float] = _RISK | LINES["third_term"]["guidance"] if inputs.third_term else _RISK
    return lines


def _low_hdl(inputs: Inputs) -> bool | None:
    return None if inputs.hdl is None else inputs.hdl < float(_RISK["hdl_below"])


def _lipids(inputs: Inputs) -> bool | None:
    high = _at_least(inputs.tg_fasting, _RISK["tg_fasting"])
    if high is None:
        high = _at_least(_casual(inputs, inputs.tg_casual), _terms(inputs)["tg_casual"])
    return _any(high, _low_hdl(inputs))


def _glucose(inputs: Inputs) -> bool | None:
    """The first that exists decides: fasting glucose, HbA1c, casual glucose."""
    if inputs.fpg is not None:
        return inputs.fpg >= float(_RISK["fpg"])
    if inputs.hba1c_ngsp is not None:
        return inputs.hba1c_ngsp >= float(_RISK["hba1c"])
    return _at_least(_casual(inputs, inputs.glucose_casual), _RISK["glucose_casual"])


def _level(inputs: Inputs, step1: str, risks: tuple[bool | None, ...]) -> int | None:
    ages = LINES["ages"]
    if not ages["from"] <= inputs.age_fy_end <= ages["to"]:
        return None
    drug = _any(inputs.med_since, inputs.med_bp, inputs.med_glucose, inputs.med_lipid)
    if drug or step1 == "該当なし":
        return 3
    if step1 == "不明":
        return 4
    fewest, most = _fewest_and_most(risks, inputs.smoking_code)
    lowered = inputs.age_fy_end >= ages["lowered_from"]
    possible = {_level_of(step1, count, lowered) for count in (fewest, most)}
    if drug is None:  # unanswered: a yes would make it 3
        possible.add(3)
    return possible.pop() if len(possible) == 1 else 4


def _fewest_and_most(risks: tuple[bool | None, ...], smoking_code: int | None) -> tuple[int, int]:
    fewest = sum(risk is True for risk in risks)
    most = sum(risk is not False for risk in risks)
    return fewest + (smoking_code == 1 and fewest > 0), most + (smoking_code in (1, None) and most > 0)


def _level_of(step1: str, count: int, lowered: bool) -> int:
    needed = LINES["needed"][step1]
    if count >= needed["active"]:
        return 2 if lowered else 1
    return 2 if count >= needed["motivational"] else 3


def _metabo(inputs: Inputs) -> int | None:
    fat = _abdominal_fat(inputs)
    if not fat:
        return 4 if fat is None else 3
    lipids = _any(inputs.med_lipid, _at_least(inputs.tg_fasting, _RISK["tg_fasting"]), _low_hdl(inputs))
    glucose = _any(inputs.med_glucose, _metabo_glucose(inputs))
    parts = (_any(inputs.med_bp, _pressure(inputs)), lipids, glucose)
    fewest, most = (sum(part is True for part in parts), sum(part is not False for part in parts))
    if min(fewest, 2) == min(most, 2):
        return 3 - min(fewest, 2)
    only_casual = (lipids is not None or inputs.tg_casual is not None) and (
        glucose is not None or inputs.glucose_casual is not None
    )
    return None if only_casual and parts[0] is not None else 4


def _metabo_glucose(inputs: Inputs) -> bool | None:
    if inputs.fpg is not None:
        return inputs.fpg >= float(_METABO["fpg"])
    return _at_least(inputs.hba1c_ngsp, _METABO["hba1c"])


def to_row(outcome: Outcome) -> dict[str, str]:
    """The computed columns, as text; empty: not known or not judged."""

    def text(value: bool | int | str | None) -> str:
        return "" if value is None else value if isinstance(value, str) else str(int(value))

    return {name: text(getattr(outcome, name)) for name in Outcome.__slots__}


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether our verdict equals the document's own; None where either side has none."""

    level: bool | None
    metabo: bool | None


def compare(outcome: Outcome, checkup: Checkup) -> Agreement:
    """Our judgement beside the one written in the checkup document (保健指導レベル, メタボ判定)."""

    def same(ours: int | None, theirs: float | None) -> bool | None:
        return None if ours is None or theirs is None else ours == theirs

    values = checkup.values
    return Agreement(
        same(outcome.level_code, values.get("guidance_level")), same(outcome.metabo_code, values.get("metabo"))
    )
