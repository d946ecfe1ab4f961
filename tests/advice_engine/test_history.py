"""Whether somebody is on treatment, and which codes mean a heart or kidney condition."""

from __future__ import annotations

from datetime import date

import pytest
from advice_person import checkup, person

from advice_engine.history import has_condition, treated

NEWER, OLDER = date(2026, 5, 20), date(2022, 5, 20)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (({"q_med_bp": 1}, {}), True),
        (({"q_med_bp": 2}, {"q_med_bp": 1}), False),
        (({"q_med_bp": 2, "recheck_med_bp": 2}, {}), True),
        (({"q_med_bp": 2}, {"q_med_bp": 2, "recheck_med_bp": 2}), False),  # found then, answered "no" years later
        (({}, {"recheck_med_bp": 1}), True),
        (({}, {}), False),
    ],
)
def test_the_newest_word_on_treatment_counts(values: tuple[dict[str, float], dict[str, float]], expected: bool) -> None:
    new, old = values
    assert treated(person(checkups=(checkup(NEWER, 2, **new), checkup(OLDER, 1, **old))), "bp") is expected


@pytest.mark.parametrize("code", ["3962002F2027", "3961008F1020", "3969007F1024", "2492416G1028"])
def test_every_group_of_glucose_lowering_medicines_is_known(code: str) -> None:
    assert treated(person(drugs=frozenset({code})), "glucose")


@pytest.mark.parametrize(
    ("name", "code"),
    [("heart", "I42.0"), ("heart", "I35.0"), ("heart", "I48.9"), ("heart", "I71.4"), ("kidney", "E11.2")],
)
def test_a_recorded_condition_belongs_to_its_group(name: str, code: str) -> None:
    found = person(conditions=frozenset({code}))
    assert has_condition(found, name)
    assert not has_condition(person(conditions=frozenset({"I10", "E11.9"})), name)
