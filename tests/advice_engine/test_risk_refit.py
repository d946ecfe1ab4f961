"""Local records: how many allow what, and what the gate lets through."""

from __future__ import annotations

from typing import Any

import numpy as np
from invented_checkups import INPUTS, middles, people

from advice_engine.risk_metrics import Metrics, drift
from advice_engine.risk_refit import gates, refit
from advice_engine.risk_score import chance, unanchored
from advice_engine.risk_spline import Sample, fit


def _elsewhere() -> dict[str, Any]:
    """A score of another country: three times too high here."""
    learnt: dict[str, Any] = unanchored(fit(people(1500, seed=5), INPUTS), middles())
    return learnt | {"intercept": learnt["intercept"] + 1.1}


def _some(events: int) -> Sample:
    """Local people, cut where so many of them have come to the target."""
    everybody = people(3000, seed=7)
    return everybody.rows(np.arange(int(np.searchsorted(np.cumsum(everybody.target), events)) + 1))


def test_fewer_than_a_hundred_records_change_nothing() -> None:
    before = _elsewhere()
    found = refit(before, people(99), INPUTS)
    assert found.how == "none" and found.parameters == before
    assert not any(gate.passed for gate in found.gates)


def test_a_hundred_records_set_the_level_and_leave_the_curves() -> None:
    before, local = _elsewhere(), people(400, seed=7)
    found = refit(before, local, INPUTS)
    assert found.how == "level and slope" and found.parameters["terms"] == before["terms"]
    far = abs(chance(before, local.columns).mean() - local.target.mean())
    near = abs(chance(found.parameters, local.columns).mean() - local.target.mean())
    assert far > 0.1 and near < 0.001


def test_two_hundred_events_allow_all_of_it_and_one_fewer_does_not() -> None:
    assert refit(_elsewhere(), _some(199), INPUTS).how == "level and slope"
    whole = refit(_elsewhere(), _some(200), INPUTS)
    assert whole.how == "all of it" and whole.parameters["local"] == {"shift": 0.0, "slope": 1.0}


def test_a_good_refit_of_many_passes_and_is_the_same_bit_for_bit() -> None:
    first, again = (refit(_elsewhere(), people(3000, seed=8), INPUTS) for _ in range(2))
    assert [gate.name for gate in first.gates if not gate.passed] == []
    assert first == again


def _cell(events: int, o_e: float) -> Metrics:
    return Metrics(n=1000, events=events, auc=0.7, brier=0.05, o_e=o_e)


def test_the_gate_shuts_on_one_bad_cell_a_bad_slope_or_too_few_events() -> None:
    def passed(cells: dict[str, Metrics], slope: float = 1.0) -> bool:
        return all(gate.passed for gate in gates(cells, slope))

    assert passed({"male 40-54": _cell(50, 0.8), "female 75+": _cell(80, 1.25)})
    assert not passed({"male 40-54": _cell(50, 0.79), "female 75+": _cell(80, 1.0)})
    assert not passed({"male 40-54": _cell(50, 1.26)})
    assert passed({"male 40-54": _cell(50, 1.0), "female 75+": _cell(49, 3.0)})
    assert not passed({"female 75+": _cell(49, 1.0)})
    assert not passed({"male 40-54": _cell(50, 1.0)}, slope=0.84)
    assert not passed({"male 40-54": _cell(50, 1.0)}, slope=1.16)


def test_drift_is_told_from_noise() -> None:
    same = drift(people(2000, seed=1).columns, people(2000, seed=2).columns)
    assert {one.input for one in same} >= {"bmi", "age"} and not any(one.moved for one in same)
    now = dict(people(2000, seed=2).columns)
    now["bmi"] = now["bmi"] + 2
    assert [one.input for one in drift(people(2000, seed=1).columns, now) if one.moved] == ["bmi"]
