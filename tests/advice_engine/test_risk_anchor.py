"""Raking and the offset: the town's margins and its share come out, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
from invented_checkups import INPUTS, people

from advice_engine.risk_anchor import PUBLISHED, Margin, Published, anchored, check, raked, total
from advice_engine.risk_score import CELLS, NAMES, cell
from advice_engine.risk_spline import fit

LEAN = {"bmi": Margin((22.0, 25.0, 30.0), (0.4, 0.35, 0.2, 0.05)), "waist": Margin((85.0,), (0.7, 0.3))}


def _published(share: float) -> Published:
    cells = [(sex, age) for sex in NAMES for age in PUBLISHED]
    return Published({one: LEAN for one in cells}, {one: share for one in cells}, {one: 1000.0 for one in cells})


def test_weights_bring_every_margin_to_the_towns() -> None:
    columns = people(3000).columns
    rows = np.arange(3000)
    weights = raked(columns, rows, LEAN)
    for name, margin in LEAN.items():
        bins = np.searchsorted(margin.edges, columns[name], side="right")
        assert np.bincount(bins, weights) == pytest.approx(margin.shares, abs=1e-6)


def test_who_lacks_a_measurement_weighs_nothing() -> None:
    columns = dict(people(200).columns)
    columns["waist"] = np.where(np.arange(200) < 50, np.nan, columns["waist"])
    weights = raked(columns, np.arange(200), LEAN)
    assert (weights[:50] == 0).all() and weights.sum() == pytest.approx(1)


def test_the_offset_gives_each_cell_its_published_share_and_keeps_the_order() -> None:
    sample = people(4000)
    fitted = fit(sample, INPUTS)
    parameters = anchored(fitted, sample.columns, _published(0.08))
    found = check(parameters, sample.columns, _published(0.08))
    assert len(found) == 14
    assert all(one.anchored == pytest.approx(0.08, abs=1e-5) for one in found)
    assert total(found, "before") > 0.2  # as learnt, far above the town
    assert parameters["terms"] == fitted["terms"]


def test_ages_beyond_the_tables_take_the_nearest_cells_offset() -> None:
    sample = people(4000)
    parameters = anchored(fit(sample, INPUTS), sample.columns, _published(0.08))
    assert parameters["offsets"]["male"][-1] == parameters["offsets"]["male"][-2]
    assert cell(np.array([20.0, 39, 44, 45, 74, 75, 99])).tolist() == [0, 0, 0, 1, 6, 7, 7]
    assert len(CELLS) == 8
