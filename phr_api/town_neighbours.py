"""Draws the residents that have no story: households of heads, partners, children and parents. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from phr_api.town_resident import MIKAWA, PATIENT_SYSTEM, SAKATA, SHONAI, YUZA, Resident, Sex, table

_TOWNS = (SAKATA, SAKATA, SAKATA, SAKATA, SAKATA, SAKATA, YUZA, SAKATA, SHONAI, MIKAWA)
_AGES = (
    (20, 39, 0.16),
    (40, 54, 0.16),
    (55, 64, 0.16),
    (65, 74, 0.27),
    (75, 84, 0.18),
    (85, 90, 0.07),
)  # from, to, share
_SEXES: tuple[Sex, Sex] = ("male", "female")
_FIRST_HOUSEHOLD = 8  # after the households of the personas


def neighbour(number: int, place: int, households: int, *, today: date, seed: int) -> Resident:
    """One drawn resident. ``place`` runs over the households again and again: first heads, then partners, …"""
    home, turn = place % households, place // households
    ages, draw = np.random.default_rng([seed, 1, home]), np.random.default_rng([seed, 2, number])
    head_age, head_sex = _age(ages), _SEXES[int(ages.integers(2))]
    age = _member_age(head_age, turn, draw)
    sex = head_sex if turn == 0 else _other(head_sex) if turn == 1 else _SEXES[int(draw.integers(2))]
    month, day = int(draw.integers(1, 13)), int(draw.integers(1, 29))
    born = date(today.year - age - ((month, day) > (today.month, today.day)), month, day)
    surname, surname_kana = table()["surnames"][home % len(table()["surnames"])].split()
    given, given_kana = _given(sex, born.year, number)
    return Resident(
        number=number,
        household=_FIRST_HOUSEHOLD + home,
        name=f"{surname} {given}",
        kana=f"{surname_kana} {given_kana}",
        sex=sex,
        birth_date=born,
        town=_TOWNS[home % len(_TOWNS)],
        story="",
        identifier=(PATIENT_SYSTEM, f"{number:05}"),
        **_body(age, sex, draw),
        **_habits(age, sex, draw),
        devices=_devices(home, age, draw),
    )


def _age(draw: np.random.Generator) -> int:
    low, high, _ = _AGES[int(draw.choice(len(_AGES), p=[share for *_, share in _AGES]))]
    return int(draw.integers(low, high + 1))


def _member_age(head: int, turn: int, draw: np.random.Generator) -> int:
    """Head, partner, then a child or parent of the house, all grown up."""
    if turn == 0:
        return head
    if turn == 1:
        return min(90, max(20, head + int(draw.integers(-4, 5))))
    apart = int(draw.integers(24, 32)) * (turn - 1)
    return head - apart if head - apart >= 20 else min(90, head + apart)


def _other(sex: Sex) -> Sex:
    return "female" if sex == "male" else "male"


def _given(sex: str, year: int, number: int) -> tuple[str, str]:
    names = table()["given"][sex]["old" if year < 1952 else "middle" if year < 1980 else "young"]
    given, kana = names[(number * 3) % len(names)].split()
    return given, kana


def _body(age: int, sex: str, draw: np.random.Generator) -> dict[str, Any]:
    """Height, weight, steps, pressure, sleep: means by age and sex as in any Japanese town, widely spread."""
    height = round(float(draw.normal((172 if sex == "male" else 159) - max(0, age - 45) * 0.18, 5.5)), 1)
    bmi = min(34.0, max(17.5, float(draw.normal(23.8 if sex == "male" else 22.8, 3.0))))
    sys = int(min(168, max(100, draw.normal(106 + age * 0.34, 12))))
    return {
        "height_cm": height,
        "weight_kg": round(bmi * (height / 100) ** 2, 1),
        "change_kg": round(float(draw.normal(0, 0.7)), 1),
        "steps": int(max(900, draw.normal(8200 - max(0, age - 60) * 130, 2000))),
        "pressure": (sys, int(sys * 0.42 + 24 + draw.normal(0, 4) - max(0, age - 70) * 0.3)),
        "sleep_minutes": int(draw.normal(395, 45)),
    }


def _habits(age: int, sex: str, draw: np.random.Generator) -> dict[str, Any]:
    """Questionnaire answers, and lab values for the 85 % who went to the checkup."""
    chance = draw.random(10)
    answers = {
        "q_smoking": 1 if chance[0] < (0.26 if sex == "male" else 0.08) else 3,
        "q_med_bp": 1 if chance[1] < (age - 45) / 80 else 2,
        "q_med_lipid": 1 if chance[2] < (age - 50) / 140 else 2,
        "q_exercise": 1 if chance[3] < 0.35 else 2,
        "q_walking": 1 if chance[4] < 0.5 else 2,
        "q_skip_breakfast": 1 if chance[5] < (0.3 if age < 45 else 0.07) else 2,
        "q_drink_frequency": int(draw.integers(1, 9)),
        "q_drink_amount": int(draw.integers(1, 4)),
        "q_sleep_rest": 1 if chance[6] < 0.68 else 2,
        "q_will": int(draw.integers(1, 6)),
    }
    labs = {
        "tg_fasting": int(min(600, draw.lognormal(4.65, 0.45))),
        "hdl": int(max(28, draw.normal(56 if sex == "male" else 66, 12))),
        "ldl": int(max(55, draw.normal(122, 28))),
        "fpg": int(max(74, draw.normal(96 + age * 0.06, 12))),
        "hba1c": round(float(max(4.6, draw.normal(5.2 + age * 0.006, 0.4))), 1),
        "egfr": round(float(max(28, draw.normal(104 - age * 0.5, 11))), 1),
        "ast": int(draw.lognormal(3.1, 0.25)),
        "alt": int(draw.lognormal(3.0, 0.4)),
        "ggt": int(draw.lognormal(3.3, 0.6)),
        "urine_protein": int(draw.choice([1, 2, 3], p=[0.93, 0.05, 0.02])),
    }
    return {"answers": answers, "labs": labs if chance[7] < 0.85 else {}}


def _devices(home: int, age: int, draw: np.random.Generator) -> tuple[str, ...]:
    """What hangs on the household's gateway for this person. Two households share one scale."""
    chance = draw.random(4)
    owned = (
        ("shared_scale" if home in (1, 4) else "scale", chance[0] < 0.75 or home in (1, 4)),
        ("pedometer", chance[1] < 0.8),
        ("cuff", chance[2] < (0.25 if age < 50 else 0.7)),
        ("band", chance[3] < (0.4 if age < 50 else 0.1)),
    )
    return tuple(kind for kind, has in owned if has) or ("pedometer",)
