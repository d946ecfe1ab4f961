"""久山町スコア: points and risk class for ten-year atherosclerotic disease. A table, not a model of ours. Pure.

Outcome: coronary disease and atherothrombotic stroke within ten years, ages 40 to 79, no history of either.
Source: 動脈硬化性疾患予防ガイドライン2022年版 (日本動脈硬化学会, 2022), 久山町スコア and 管理区分. A citizen is shown
the class with the guideline's name, never the per cent.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

Category = Literal["低リスク", "中リスク", "高リスク"]

# One geometric scale: the guideline's cell for a decade of life is the scale shifted; "<1.0" is None.
# fmt: off
_SCALE: tuple[float | None, ...] = (
    None, 1.1, 1.3, 1.4, 1.7, 1.9, 2.2, 2.6, 3.0, 3.4, 3.9, 4.5, 5.2, 6.0, 6.9, 7.9, 9.1, 10.4, 11.9, 13.6, 15.5, 17.7,
    20.2, 22.9, 25.9, 29.3, 33.0, 37.0, 41.1,
)
# fmt: on
_ONE_POINT_ONE = {40: 8, 50: 3, 60: -3, 70: -8}  # points at which the decade reads 1.1 %
_PRESSURE, _LDL, _HDL = (120, 130, 140, 160), (120, 140, 160), (40, 60)
MOST = 19
LDL_TARGETS: dict[Category, int] = {"低リスク": 160, "中リスク": 140, "高リスク": 120}  # mg/dL, below


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """``systolic`` mmHg; ``ldl``, ``hdl`` mg/dL; ``impaired_glucose``: FPG 110-125 mg/dL or OGTT 2 h 140-199, and
    no diabetes.

    ``high_risk_illness``: diabetes, CKD or PAD, which is 高リスク without points. Coronary disease, atherothrombotic
    stroke, familial hypercholesterolaemia and type III are not scored at all: the caller must not ask.
    """

    age: int
    male: bool
    systolic: float
    ldl: float
    hdl: float
    smoker: bool
    impaired_glucose: bool
    high_risk_illness: bool = False


def points(profile: Profile) -> int:
    """0 to 19."""
    return (
        (7 if profile.male else 0)
        + bisect_right(_PRESSURE, profile.systolic)
        + (1 if profile.impaired_glucose else 0)
        + bisect_right(_LDL, profile.ldl)
        + 2
        - bisect_right(_HDL, profile.hdl)
        + (2 if profile.smoker else 0)
    )


def percent(age: int, total: int) -> float | None:
    """The guideline's ten-year risk in per cent, None for "<1.0": for 保健師 and doctors alone.

    Raises ValueError outside 40 to 79 years or 0 to 19 points.
    """
    if not 40 <= age <= 79 or not 0 <= total <= MOST:
        raise ValueError("the table knows 40 to 79 years and 0 to 19 points")
    return _SCALE[max(0, total - _ONE_POINT_ONE[age // 10 * 10] + 1)]


def category(profile: Profile) -> Category | None:
    """The class of the guideline; None outside 40 to 79 years, where the score says nothing."""
    if not 40 <= profile.age <= 79:
        return None
    if profile.high_risk_illness:
        return "高リスク"
    risk = percent(profile.age, points(profile))
    if risk is None or risk < 2:
        return "低リスク"
    return "中リスク" if risk < 10 else "高リスク"
