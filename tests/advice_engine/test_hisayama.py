"""久山町スコア against the guideline's table and its three worked people."""

import csv
from pathlib import Path

import pytest

from advice_engine.hisayama import MOST, Profile, category, percent, points

MAN_52 = Profile(age=52, male=True, systolic=134, ldl=150, hdl=45, smoker=True, impaired_glucose=False)
WOMAN_66 = Profile(age=66, male=False, systolic=150, ldl=165, hdl=62, smoker=False, impaired_glucose=True)
MAN_71 = Profile(age=71, male=True, systolic=128, ldl=118, hdl=58, smoker=False, impaired_glucose=False)


@pytest.mark.parametrize(
    ("person", "total", "risk", "name"),
    [(MAN_52, 14, 5.2, "中リスク"), (WOMAN_66, 7, 4.5, "中リスク"), (MAN_71, 9, 11.9, "高リスク")],
)
def test_the_worked_people_come_out_as_published(person: Profile, total: int, risk: float, name: str) -> None:
    assert (points(person), percent(person.age, points(person)), category(person)) == (total, risk, name)


@pytest.mark.interop
def test_every_cell_is_the_guidelines(shared: Path) -> None:
    with (shared / "domain" / "hisayama_risk.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == MOST + 1
    for row in rows:
        for age in (40, 50, 60, 70):
            said = row[f"age{age}_{age + 9}_pct"]
            assert percent(age + 9, int(row["points"])) == (None if said == "<1" else float(said))


def test_each_line_belongs_to_the_worse_side() -> None:
    def total(systolic: float = 110, ldl: float = 100, hdl: float = 70) -> int:
        person = Profile(age=45, male=False, systolic=systolic, ldl=ldl, hdl=hdl, smoker=False, impaired_glucose=False)
        return points(person)

    assert [total(systolic=at) for at in (119, 120, 130, 140, 160)] == [0, 1, 2, 3, 4]
    assert [total(ldl=at) for at in (119, 120, 140, 160)] == [0, 1, 2, 3]
    assert [total(hdl=at) for at in (60, 59, 40, 39)] == [0, 1, 1, 2]


def test_diabetes_or_kidney_disease_is_high_without_points_and_other_ages_are_not_scored() -> None:
    well = Profile(age=40, male=False, systolic=110, ldl=90, hdl=70, smoker=False, impaired_glucose=False)
    assert category(well) == "低リスク"
    ill = Profile(
        age=40,
        male=False,
        systolic=110,
        ldl=90,
        hdl=70,
        smoker=False,
        impaired_glucose=False,
        high_risk_illness=True,
    )
    assert category(ill) == "高リスク"
    old = Profile(
        age=80,
        male=True,
        systolic=170,
        ldl=190,
        hdl=30,
        smoker=True,
        impaired_glucose=True,
        high_risk_illness=True,
    )
    assert category(old) is None
    with pytest.raises(ValueError, match="40 to 79"):
        percent(80, 3)
