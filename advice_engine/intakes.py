"""What a day's food should hold, by age and sex. Pure; the table is ``intakes.csv``.

Source: 日本人の食事摂取基準(2025年版), 厚生労働省 (in use from April 2025 to March 2030); salt with high pressure:
高血圧管理・治療ガイドライン2025; vegetables and fruit: 健康日本21(第三次). 1.0 g of protein a kg against frailty is
that report's chapter on the old (unverified in the original).
"""

from __future__ import annotations

from csv import DictReader
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from advice_engine.facts import Facts
from advice_engine.history import kidney_signs, treated
from advice_engine.home_pressure import HIGH, home_mean

OLDER = 65
THIN, THIN_OLDER = 18.5, 21.5  # BMI: the lower end of what the table aims at, of the young and from 65 on
VEGETABLES_G, SMALL_DISH_G, FRUIT_G = 350, 70, 200
PROTEIN_PER_KG_OLDER, HEAVIEST_BMI = 1.0, 25.0
VITAMIN_D_UG = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One row: kcal per kg of reference weight (low and normal activity), grams a day, the lowest target BMI."""

    kcal_per_kg_low: float
    kcal_per_kg_normal: float
    protein_g: float
    salt_g_below: float
    fibre_g: float
    bmi_from: float


def intake(sex: str, age: int) -> Intake | None:
    """The row of this person; None below 18 and where the sex is not known as male or female."""
    ages = [(at, row) for (of, at), row in _table().items() if of == sex and at <= age]
    return max(ages, key=lambda one: one[0])[1] if ages else None


@cache
def _table() -> dict[tuple[str, int], Intake]:
    rows = DictReader((files("advice_engine") / "intakes.csv").read_text("utf-8").splitlines())
    return {
        (row["sex"], int(row["from_age"])): Intake(
            **{name: float(value) for name, value in row.items() if name not in ("sex", "from_age")}
        )
        for row in rows
    }


def salt_aim(facts: Facts) -> tuple[str, str]:
    """The day's salt as said to this person, Japanese and English: below 6 g with high pressure, or by sex."""
    mean, row = home_mean(facts), intake(facts.sex, facts.age)
    if treated(facts, "bp") or kidney_signs(facts) or (mean is not None and mean.at_least(HIGH)):
        return "1日6g未満", "less than 6 g a day"
    if row is None:
        return "男性1日7.5g未満、女性6.5g未満", "less than 7.5 g a day for men and 6.5 g for women"
    return f"1日{row.salt_g_below:g}g未満", f"less than {row.salt_g_below:g} g a day"


def protein_g(facts: Facts, weight_kg: float | None, height_m: float | None) -> float | None:
    """Grams of protein a day; None with kidney signs and where age or sex give no row.

    From 65 on at least 1.0 g a kg, of no more than the weight at BMI 25: heavier people need no more.
    """
    row = intake(facts.sex, facts.age)
    if row is None or kidney_signs(facts):
        return None
    if facts.age < OLDER or weight_kg is None or height_m is None:
        return row.protein_g
    return max(row.protein_g, PROTEIN_PER_KG_OLDER * min(weight_kg, HEAVIEST_BMI * height_m**2))


def calcium_mg(sex: str, age: int) -> int | None:
    """Recommended calcium a day of women from 65 on (the only ones whom a rule tells), mg."""
    if sex != "female" or age < OLDER:
        return None
    return 650 if age < 75 else 600


def thin(bmi: float, age: int) -> bool:
    """Whether nothing may be said that makes meals smaller. 18.5 until 64 is our choice: the table has 20 from 50."""
    return bmi < (THIN_OLDER if age >= OLDER else THIN)
