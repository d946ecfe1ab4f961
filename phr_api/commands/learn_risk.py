"""The risk scores' first fit on public data: its numbers beside their bars, and the candidate that comes of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from advice_engine import learning, local_refit
from advice_engine.learning import Parameters
from advice_engine.risk_anchor import CellCheck, check, total
from advice_engine.risk_metrics import Metrics, by_cell, metrics
from advice_engine.risk_refit import Gate
from advice_engine.risk_score import CELLS, NAMES, chance
from advice_engine.risk_spline import Columns, Sample
from advice_engine.risk_training import Data
from phr_api.commands import learn_data
from phr_api.commands.learn_data import People
from phr_api.commands.problem import Problem
from store.models import NewModel

PARTS = ("high_glucose", "high_pressure")
TRAINED_BEFORE, ANCHORED_ON, CHECKED_ON = 2015, 2020, 2021
_BLOOD = ("hdl", "tg_fasting")
# In the public data the target itself, or what it is made of.
_TARGETS_OWN = {"high_glucose": (), "high_pressure": ("office_bp_sys", "office_bp_dia")}
_AUC_BARS = {"everybody": 0.72, "women": 0.75, "men": 0.67, "NH Asian": 0.78}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``groups``: people of 2015-18, without blood test. ``cells``: the checked year's, anchored on the year before."""

    learned_id: str
    parameters: Parameters
    groups: dict[str, Metrics]
    bands: dict[str, Metrics]
    cells: list[CellCheck]
    gates: tuple[Gate, ...]
    rows: dict[str, int]
    tested: tuple[NDArray[Any], NDArray[Any]]  # what happened and what was expected, for the picture


def evaluate(folder: Path, learned_id: str) -> Evaluation:
    """Fit on NHANES 1999-2014, test on 2015-18; level by Shonai FY2020, checked on FY2021."""
    everybody = learn_data.people(folder)
    known = everybody.rows(~np.isnan(everybody.extra[learned_id]))
    train = known.rows(known.extra["cycle"] < TRAINED_BEFORE)
    test = known.rows((known.extra["cycle"] >= TRAINED_BEFORE) & _undiagnosed(known, learned_id))
    carriers = _columns(everybody, learned_id)
    published = {
        year: learn_data.published(learn_data.bins(folder, year), learned_id) for year in (ANCHORED_ON, CHECKED_ON)
    }
    sample = Sample(_columns(train, learned_id), train.extra[learned_id])
    fitted = learning.part(learned_id).fit(Data(sample, carriers, published[ANCHORED_ON]))
    expected = chance(_without_offsets(fitted), _no_blood(_columns(test, learned_id)))
    target = test.extra[learned_id]
    groups = {name: metrics(target[mask], expected[mask]) for name, mask in _groups(test).items()}
    cells = check(fitted, carriers, published[CHECKED_ON])
    rows = {"train": len(train.inputs["age"]), "test": len(target), "carriers": len(carriers["age"])}
    return Evaluation(
        learned_id,
        fitted,
        groups,
        by_cell(test.inputs, target, expected),
        cells,
        gates(learned_id, groups, cells),
        rows,
        (target, expected),
    )


def gates(learned_id: str, groups: dict[str, Metrics], cells: list[CellCheck]) -> tuple[Gate, ...]:
    """Bars 12 (glucose alone has one) and 13."""
    found = []
    if learned_id == "high_glucose":
        found = [
            Gate(f"AUC {name}", f"{groups[name].auc or 0:.3f}", f">= {bar}", (groups[name].auc or 0) >= bar)
            for name, bar in _AUC_BARS.items()
        ]
        brier = groups["everybody"].brier
        found.append(Gate("Brier", f"{brier:.4f}", "<= 0.0445", brier <= 0.0445))
    o_e = total(cells, "truth") / total(cells, "anchored")
    error = cell_error(cells)
    found.append(Gate(f"Shonai FY{CHECKED_ON} O/E", f"{o_e:.2f}", "0.95-1.05", 0.95 <= o_e <= 1.05))
    found.append(Gate(f"Shonai FY{CHECKED_ON} mean cell error", f"{error:.4f}", "<= 0.006", error <= 0.006))
    return tuple(found)


def cell_error(cells: list[CellCheck]) -> float:
    return float(np.mean([abs(one.anchored - one.truth) for one in cells]))


def candidate(folder: Path, found: Evaluation) -> NewModel:
    return NewModel(
        learned_id=found.learned_id,
        kind="risk",
        code_version=version("sakata-phr"),
        data_sha256=learn_data.digest(folder),
        data_rows=found.rows,
        parameters=learning.text(found.parameters),
        metrics={name: asdict(one) for name, one in (found.groups | found.bands).items()},
        gates=[asdict(gate) for gate in found.gates],
    )


def written(new: NewModel) -> str:
    """A candidate as the file that is shipped, with the digest of its parameters."""
    plain = parameters(new)
    return json.dumps(
        asdict(new) | {"parameters": plain, "sha256": learning.digest(plain)},
        indent=1,
        sort_keys=True,
        ensure_ascii=False,
    )


def shipped(learned_id: str) -> NewModel:
    """The candidate that comes with the product. Raises Problem for none or one that was changed."""
    try:
        return local_refit.shipped(learned_id)
    except FileNotFoundError:
        raise Problem(f"no {learned_id} is shipped") from None
    except learning.ChangedParameters as changed:
        raise Problem(f"{learned_id}.json: {changed}") from None


def parameters(new: NewModel) -> Parameters:
    found: Parameters = json.loads(new.parameters)
    return found


def _undiagnosed(people: People, learned_id: str) -> NDArray[Any]:
    return np.asarray((people.extra["diagnosed"] == 0) | (learned_id != "high_glucose"))


def _columns(people: People, learned_id: str) -> Columns:
    return {name: column for name, column in people.inputs.items() if name not in _TARGETS_OWN[learned_id]}


def _no_blood(columns: Columns) -> Columns:
    return {**columns, **{name: np.full(len(columns["age"]), np.nan) for name in _BLOOD}}


def _without_offsets(parameters: Parameters) -> Parameters:
    return {**parameters, "offsets": {name: [0.0] * len(CELLS) for name in NAMES}}


def _groups(people: People) -> dict[str, NDArray[Any]]:
    male = people.inputs["male"] == 1
    return {
        "everybody": np.ones(len(male), bool),
        "women": ~male,
        "men": male,
        "NH Asian": people.extra["nh_asian"] == 1,
        "without glucose medicine": people.inputs["glucose_drug"] == 0,
    }
