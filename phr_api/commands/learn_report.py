"""The page about the risk scores: calibration, metrics by cell, the area's level, drift. One file, nothing fetched."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import vl_convert

from advice_engine.risk_metrics import Drift, calibration, drift
from phr_api.chart_svg import VEGA_LITE
from phr_api.commands import learn_data, learn_gates
from phr_api.commands.learn_risk import ANCHORED_ON, CHECKED_ON, Evaluation

_STYLE = (
    "body{font:16px/1.6 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .8rem;text-align:right;"
    "border-bottom:1px solid #ccc}td:first-child,th:first-child{text-align:left}"
)


def page(found: Sequence[Evaluation], data: Path) -> str:
    """The whole page as HTML."""
    parts = "".join(_part(one) for one in found)
    moved = table(("input", "PSI", "noise line", ""), [_drift(one) for one in (*area_drift(data), *people_drift(data))])
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Risk scores</title>'
        f"<style>{_STYLE}</style><h1>Risk scores for the order of calls</h1>"
        "<p>They order people of the same age and sex for the 保健師. They add no advice, and no citizen is shown them."
        " The people behind them are American and were seen once; the area's published tables set the level and add no"
        " discrimination. Where a bar is not met, its number stands here all the same.</p>"
        f"{parts}<h2>Drift</h2><p>Shonai FY{ANCHORED_ON} to FY{CHECKED_ON} by published bins; the people of 1999-2014"
        f" to those of 2015-18 by tenths. Beyond the line it is more than noise.</p>{moved}"
        "<p>出典：厚生労働省「NDBオープンデータ」を加工して作成。 NHANES 1999-2018, NCHS / CDC.</p></html>\n"
    )


def people_drift(data: Path) -> list[Drift]:
    people = learn_data.people(data)
    early = people.extra["cycle"] < 2015
    return drift(people.rows(early).inputs, people.rows(~early).inputs)


def area_drift(data: Path) -> list[Drift]:
    """PSI of the published bins of the area, both sexes and all ages together."""
    before, now = (_summed(learn_data.bins(data, year)) for year in (ANCHORED_ON, CHECKED_ON))
    return [_psi(item, before[item], now[item]) for item in before if item in now]


def groups(one: Evaluation) -> list[tuple[str, ...]]:
    """Each group and band of ages: people, events, AUC, Brier, observed over expected."""
    return [
        (name, str(m.n), str(m.events), _figure(m.auc, 3), _figure(m.brier, 4), _figure(m.o_e, 2))
        for name, m in (one.groups | one.bands).items()
    ]


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{escape(name)}</th>' for name in head)}</tr>{cells}</table>"


def drawn(spec: dict[str, Any]) -> str:
    """A Vega-Lite specification as inline SVG."""
    return str(vl_convert.vegalite_to_svg(json.dumps(spec), vl_version=VEGA_LITE, allowed_base_urls=[]))


def _part(one: Evaluation) -> str:
    gates = table(learn_gates.HEAD, map(learn_gates.row, one.gates))
    people = table(("people of 2015-18, no blood test", "n", "events", "AUC", "Brier", "O/E"), groups(one))
    cells = table(
        (f"Shonai FY{CHECKED_ON}", "examined", "as learnt %", "raked %", "anchored %", "published %"),
        [
            (f"{c.sex} {c.age}-{c.age + 4}", f"{c.people:,.0f}", *(f"{100 * x:.1f}" for x in _shares(c)))
            for c in one.cells
        ],
    )
    return f"<h2>{escape(one.learned_id)}</h2>{gates}{_picture(one)}{people}{cells}"


def _shares(cell: Any) -> tuple[float, ...]:
    return cell.before, cell.raked, cell.anchored, cell.truth


def _picture(one: Evaluation) -> str:
    points = [{"expected": e, "observed": o, "people": n} for e, o, n in calibration(*one.tested)]
    top = max(max(point["expected"], point["observed"]) for point in points)
    axis = {"type": "quantitative", "scale": {"domain": [0, top]}}
    diagonal = {
        "data": {"values": [{"x": 0, "y": 0}, {"x": top, "y": top}]},
        "mark": {"type": "line", "strokeDash": [4, 4], "color": "#9aa5a0"},
        "encoding": {"x": {"field": "x", **axis}, "y": {"field": "y", **axis}},
    }
    dots = {
        "data": {"values": points},
        "mark": {"type": "point", "filled": True, "size": 80, "color": "#1f6f5c"},
        "encoding": {
            "x": {"field": "expected", "title": "expected share (tenths of the people)", **axis},
            "y": {"field": "observed", "title": "observed share", **axis},
        },
    }
    spec = {"width": 360, "height": 300, "background": "white", "layer": [diagonal, dots]}
    return drawn(spec)


def _summed(bins: learn_data.Bins) -> dict[str, dict[float, float]]:
    found: dict[str, dict[float, float]] = {}
    for (item, _, _), edges in bins.items():
        held = found.setdefault(item, {})
        for low, n in edges:
            held[low] = held.get(low, 0.0) + n
    return {item: held for item, held in found.items() if len(held) > 1}


def _psi(item: str, before: dict[float, float], now: dict[float, float]) -> Drift:
    both = sorted(before.keys() & now.keys())
    counts = [np.array([held[low] for low in both]) + 0.5 for held in (before, now)]
    old, new = (count / count.sum() for count in counts)
    noise = (len(both) - 1) * sum(1 / float(count.sum()) for count in counts) * 2 + 0.02
    return Drift(f"Shonai {item}", float(((new - old) * np.log(new / old)).sum()), noise)


def _drift(one: Drift) -> tuple[str, ...]:
    return one.input, f"{one.psi:.4f}", f"{one.line:.4f}", "moved" if one.moved else ""


def _figure(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
