"""How dates, values and closing sentences are said in English. Pure; the Japanese side is ``words``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from advice_engine.history import Found
from advice_engine.home_pressure import HomeMean
from advice_engine.words import number
from store.metrics import METRICS

KEEP_ON = "If you are under treatment, keep taking your medicine as before and show your doctor the result."
ALARM = "With chest pain, a strong headache, weak limbs or trouble speaking, call 119 at once."
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
NAMES = {
    "weight": "weight",
    "steps": "steps",
    "sleep": "sleep",
    "glucose": "blood sugar",
    "bmi": "BMI",
    "waist": "waist",
    "office_bp_sys": "upper blood pressure",
    "office_bp_dia": "lower blood pressure",
    "tg_fasting": "triglycerides",
    "tg_casual": "triglycerides (not fasting)",
    "hdl": "HDL cholesterol",
    "ldl": "LDL cholesterol",
    "non_hdl": "non-HDL cholesterol",
    "fpg": "fasting blood sugar",
    "glucose_casual": "blood sugar (not fasting)",
    "hba1c": "HbA1c",
    "ast": "AST",
    "alt": "ALT",
    "ggt": "γ-GT",
    "egfr": "eGFR",
    "uric_acid": "uric acid",
    "hemoglobin": "haemoglobin",
    "urine_protein": "urine protein",
    "urine_acr": "urine albumin",
}
UNITS = {
    "mL/min/{1.73_m2}": "mL/min/1.73m2",
    "mm[Hg]": "mmHg",
    "{steps}": "steps",
    "kg/m2": "",
    "mg/g": "mg/g",
    "Cel": "℃",
}
PROTEIN = {1: "−", 2: "±", 3: "+", 4: "2+", 5: "3+"}  # answer codes of 尿蛋白


def day(on: date) -> str:
    """3 November 2026."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def span(first: date, last: date) -> str:
    """from 1 November to 7 November; one day alone is named once."""
    if first == last:
        return f"on {last.day} {MONTHS[last.month - 1]}"
    return f"from {first.day} {MONTHS[first.month - 1]} to {last.day} {MONTHS[last.month - 1]}"


def hours(minutes: float) -> str:
    """5 hours 30 minutes."""
    whole, rest = divmod(round(minutes), 60)
    return f"{whole} hours {rest} minutes" if rest else f"{whole} hours"


def amount(metric: str, value: float) -> str:
    """61.8 kg, 8,000 steps, 7.0%; urine protein by its sign."""
    if metric == "urine_protein":
        return PROTEIN.get(int(value), "not known")
    known = METRICS[metric]
    unit = UNITS.get(known.ucum, known.ucum)
    return f"{number(value, known.digits)}{unit if unit == '%' else f' {unit}'.rstrip()}"


def listed(found: Iterable[Found]) -> str:
    """LDL cholesterol 150 mg/dL, triglycerides 320 mg/dL."""
    return ", ".join(f"{NAMES[one.metric]} {amount(one.metric, one.value)}" for one in found)


def since(on: date, today: date) -> str:
    """For results of more than six months ago: asks whether the person has been seen, with a space after it."""
    passed = (today.year - on.year) * 12 + today.month - on.month - (today.day < on.day)
    return f"That was {passed} months ago. Have you seen a doctor about it since? " if passed >= 6 else ""


def home_mean(mean: HomeMean) -> str:
    """The sentence that every rule on the home mean begins with."""
    return f"Your mean blood pressure at home was {mean.text} ({span(mean.first, mean.last)}, {mean.days} days)."


def either(sys: int, dia: int) -> str:
    """A line of blood pressure as it counts: either number is enough."""
    return f"{sys} or more (upper) or {dia} mmHg or more (lower)"
