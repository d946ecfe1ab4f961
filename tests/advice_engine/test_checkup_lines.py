"""The lines of checkup values."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from advice_person import HEALTHY

from advice_engine.checkup_lines import LINES, grade
from store.metrics import METRICS

THEIRS = {
    "SBP": "office_bp_sys", "DBP": "office_bp_dia", "TG_fasting": "tg_fasting", "TG_casual": "tg_casual", "HDL": "hdl",
    "LDL": "ldl", "NonHDL": "non_hdl", "FPG": "fpg", "HbA1c_NGSP": "hba1c", "Glucose_casual": "glucose_casual",
    "AST": "ast", "ALT": "alt", "GGT": "ggt", "eGFR": "egfr", "Hb": "hemoglobin", "UrineProtein": "urine_protein",
}  # fmt: skip
PROTEIN = {"±": "2", "1+": "3"}


@pytest.mark.interop
def test_the_lines_are_those_of_the_programmes_table(shared: Path) -> None:
    rows = list(csv.DictReader((shared / "domain" / "screening_thresholds.csv").read_text("utf-8").splitlines()))

    def number(text: str) -> float | None:
        return float(PROTEIN.get(text, text)) if text else None

    theirs = {
        THEIRS[row["item"]]: (
            row["shidou_op"],
            *(number(row[name]) for name in ("shidou_m", "shidou_f", "jushin_m", "jushin_f")),
        )
        for row in rows
    }
    ours = {
        line.metric: (line.op, line.guidance_male, line.guidance_female, line.referral_male, line.referral_female)
        for line in LINES.values()
    }
    assert ours == theirs


@pytest.mark.parametrize(
    ("metric", "value", "sex", "expected"),
    [
        ("office_bp_sys", 129, "male", "within"),
        ("office_bp_sys", 130, "male", "guidance"),
        ("office_bp_sys", 140, "female", "referral"),
        ("office_bp_dia", 100, "female", "now"),
        ("ldl", 180, "male", "now"),
        ("hdl", 39, "male", "guidance"),
        ("hdl", 40, "male", "within"),
        ("hdl", 10, "male", "guidance"),
        ("egfr", 45, "male", "guidance"),
        ("egfr", 44.9, "male", "referral"),
        ("hemoglobin", 12.0, "female", "guidance"),
        ("hemoglobin", 12.0, "male", "referral"),
        ("hemoglobin", 12.0, "unknown", "guidance"),
        ("urine_protein", 1, "male", "within"),
        ("urine_protein", 2, "male", "guidance"),
        ("urine_protein", 3, "male", "referral"),
        ("uric_acid", 9, "male", None),
    ],
)
def test_a_value_is_graded_by_the_gravest_line_it_reaches(metric: str, value: float, sex: str, expected: str) -> None:
    assert grade(metric, value, sex) == expected


def test_a_healthy_checkup_is_within_all_lines_and_graver_lines_lie_farther_out() -> None:
    assert {grade(metric, HEALTHY[metric], "male") for metric in LINES if metric in HEALTHY} == {"within"}
    for line in LINES.values():
        assert line.metric in METRICS or line.metric == "urine_protein"
        steps = [step for step in (line.guidance("male"), line.referral("male"), line.now) if step is not None]
        assert steps == sorted(steps, reverse=line.op != ">=")
