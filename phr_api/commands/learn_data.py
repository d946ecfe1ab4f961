"""Reads the public data that the scores are first learnt from: NHANES people and the NDB's tables of the area."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from advice_engine.risk_anchor import PUBLISHED, Margin, Published
from advice_engine.risk_spline import Array
from phr_api.commands.problem import Problem

NHANES = Path("nhanes_1999_2018_adults/nhanes.csv.gz")
NDB = Path("ndb_kenshin/values_by_bin.csv")
SHONAI = "0604"
SUPPRESSED = 5.0  # an empty cell hides fewer than ten people
_ITEMS = {"BMI": "bmi", "腹囲": "waist", "収縮期血圧": "office_bp_sys"}
_TARGETS = {"high_glucose": ("HbA1C", 6.5), "high_pressure": ("収縮期血圧", 140.0)}
_SEX = {"F": "female", "M": "male"}

Bins = dict[tuple[str, str, int], list[tuple[float, float]]]  # (item, sex, age) -> (lower edge, people), ascending


@dataclass(frozen=True, slots=True)
class People:
    """NHANES adults of 30 to 79, not pregnant. ``extra``: both targets, cycle, diagnosed diabetes, NH Asian."""

    inputs: dict[str, Array]
    extra: dict[str, Array]

    def rows(self, chosen: NDArray[Any]) -> People:
        cut = [{name: column[chosen] for name, column in part.items()} for part in (self.inputs, self.extra)]
        return People(cut[0], cut[1])


@cache
def people(folder: Path) -> People:
    """Everybody with a BMI; what was not measured is NaN. Raises Problem where the file is not."""
    with gzip.open(_there(folder / NHANES), "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0] if name != "sex"}
    table["male"] = np.array([float(row["sex"] == "M") for row in rows])
    kept = (table["age"] >= 30) & (table["age"] < 80) & (table["pregnant"] != 1) & ~np.isnan(table["bmi"])
    return People(_inputs(table), _extra(table)).rows(kept)


def bins(folder: Path, year: int, code: str = SHONAI) -> Bins:
    """One area's checkups of one fiscal year."""
    found: Bins = defaultdict(list)
    with _there(folder / NDB).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["code"] == code and row["fy"] == str(year):
                key = row["item"], _SEX[row["sex"]], int(row["age_from"])
                found[key].append((float(row["lo"] or "-inf"), float(row["n"]) if row["n"] else SUPPRESSED))
    return {key: sorted(edges) for key, edges in found.items()}


def published(table: Bins, target: str) -> Published:
    """The area as the anchor wants it; the target's own item is no margin."""
    item, line = _TARGETS[target]
    cells = [(sex, age) for sex in _SEX.values() for age in PUBLISHED]
    margins = {
        cell: {name: _margin(table[what, *cell]) for what, name in _ITEMS.items() if what != item} for cell in cells
    }
    share = {cell: _share(table[item, *cell], line) for cell in cells}
    return Published(margins, share, {cell: sum(n for _, n in table[item, *cell]) for cell in cells})


def digest(folder: Path) -> str:
    """sha256 over both files."""
    return sha256(b"".join((folder / name).read_bytes() for name in (NHANES, NDB))).hexdigest()


def _margin(found: list[tuple[float, float]]) -> Margin:
    counted = sum(n for _, n in found)
    return Margin(tuple(lo for lo, _ in found[1:]), tuple(n / counted for _, n in found))


def _share(found: list[tuple[float, float]], line: float) -> float:
    return sum(n for lo, n in found if lo >= line) / sum(n for _, n in found)


def _inputs(table: Mapping[str, Array]) -> dict[str, Array]:
    """Who was not asked about a medicine or smoking had answered before that there is none."""
    return {
        "age": table["age"],
        "male": table["male"],
        "bmi": table["bmi"],
        "waist": table["waist_cm"],
        "office_bp_sys": _pressure(table, "sbp"),
        "office_bp_dia": _pressure(table, "dbp"),
        "hdl": table["hdl_mmol"] * 38.67,
        "tg_fasting": np.where(table["fasting_h"] >= 8, table["tg_mmol"] * 88.57, np.nan),
        "bp_drug": (table["bp_med_now"] == 1) * 1.0,
        "lipid_drug": (table["lipid_med_ever"] == 1) * 1.0,
        "glucose_drug": ((table["oral_dm_med"] == 1) | (table["insulin"] == 1)) * 1.0,
        "smoker": np.isin(table["smoke_now"], (1, 2)) * 1.0,
        "family_diabetes": np.where(np.isnan(table["fh_diabetes"]), np.nan, (table["fh_diabetes"] == 1) * 1.0),
    }


def _extra(table: Mapping[str, Array]) -> dict[str, Array]:
    return {
        "high_glucose": np.where(np.isnan(table["hba1c_pct"]), np.nan, (table["hba1c_pct"] >= 6.5) * 1.0),
        "high_pressure": np.where(np.isnan(_pressure(table, "sbp")), np.nan, (_pressure(table, "sbp") >= 140) * 1.0),
        "cycle": table["cycle"],
        "diagnosed": (table["dx_diabetes"] == 1) * 1.0,
        "nh_asian": (table["nh_asian"] == 1) * 1.0,
    }


def _pressure(table: Mapping[str, Array], which: str) -> Array:
    """The mean of the second and third reading, else the first; a diastolic 0 means that no sound was heard."""
    first, *later = (np.where(table[f"{which}{n}"] == 0, np.nan, table[f"{which}{n}"]) for n in (1, 2, 3))
    known = sum((~np.isnan(one)).astype(float) for one in later)
    mean = sum(np.nan_to_num(one) for one in later) / np.maximum(known, 1)
    return np.where(np.asarray(known) > 0, mean, first)


def _there(path: Path) -> Path:
    if not path.is_file():
        raise Problem(f"{path} is not there: --data names the folder with the public data")
    return path
