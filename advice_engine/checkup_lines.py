"""The lines of checkup values: 保健指導判定値, 受診勧奨判定値, すぐに受診. Pure; the table is ``checkup_lines.csv``.

Source: 標準的な健診・保健指導プログラム(令和6年度版), 厚生労働省, 2024, 別紙5 and the graded 受診勧奨 texts.
A checkup before April 2024 is judged by the third term's lines (平成30年度版); what differs stands in
``checkup_lines_third_term.csv``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from csv import DictReader
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Literal

from advice_engine.sources import FOURTH_TERM

Grade = Literal["within", "guidance", "referral", "now"]
OPERATORS: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<": operator.lt, "<=": operator.le}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The lines of one metric in its canonical unit (urine protein: answer code). None: no such line."""

    metric: str
    op: str  # '>=', '<', '<=': how a value stands to a line when it counts
    guidance_male: float | None
    guidance_female: float | None
    referral_male: float | None
    referral_female: float | None
    now: float | None
    verified: bool
    source: str

    def guidance(self, sex: str) -> float | None:
        """保健指導判定値. Where the sexes differ and the sex is unknown: the line that fewer values reach."""
        return self._of(sex, self.guidance_male, self.guidance_female)

    def referral(self, sex: str) -> float | None:
        """受診勧奨判定値, in the same way."""
        return self._of(sex, self.referral_male, self.referral_female)

    def _of(self, sex: str, male: float | None, female: float | None) -> float | None:
        if male is None or female is None or sex in ("male", "female"):
            return male if sex == "male" else female
        return max(male, female) if self.op == ">=" else min(male, female)

    def grade(self, value: float, sex: str) -> Grade:
        """The gravest line that ``value`` has reached."""
        reaches = OPERATORS[self.op]
        if self.now is not None and reaches(value, self.now):
            return "now"
        referral, guidance = self.referral(sex), self.guidance(sex)
        if referral is not None and reaches(value, referral):
            return "referral"
        return "guidance" if guidance is not None and reaches(value, guidance) else "within"


def _number(text: str) -> float | None:
    return float(text) if text else None


def _read(name: str) -> dict[str, Line]:
    rows = DictReader((files("advice_engine") / name).read_text("utf-8").splitlines())
    return {
        row["metric"]: Line(
            metric=row["metric"],
            op=row["op"],
            guidance_male=_number(row["guidance_male"]),
            guidance_female=_number(row["guidance_female"]),
            referral_male=_number(row["referral_male"]),
            referral_female=_number(row["referral_female"]),
            now=_number(row["now"]),
            verified=row["verified"] == "yes",
            source=row["source"],
        )
        for row in rows
    }


LINES = _read("checkup_lines.csv")
THIRD_TERM_LINES = LINES | _read("checkup_lines_third_term.csv")


def lines_on(on: date) -> dict[str, Line]:
    """The lines of the term in which the day of the examination lies. Do not change the dict."""
    return LINES if on >= FOURTH_TERM else THIRD_TERM_LINES


def grade(metric: str, value: float, sex: str) -> Grade | None:
    """The grade of a checkup value; None where the programme draws no line for the metric."""
    line = LINES.get(metric)
    return None if line is None else line.grade(value, sex)
