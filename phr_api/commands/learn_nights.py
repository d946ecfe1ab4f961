"""`phr learn nights`: what the ranker's own log said, night by night, as a table and as a page with pictures."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console
from rich.table import Table

from phr_api.chart_svg import VEGA_LITE
from phr_api.commands import demo_database
from store import ranker_nights
from store.ranker_nights import Night

_console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)


def nights(
    to: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page with pictures, too.")] = None,
    home: Annotated[
        Path | None, typer.Option("--home", metavar="DIR", help="A demo's folder. Default: PHR_DATABASE_URL, else .phr")
    ] = None,
) -> None:
    """What other policies would have earned, how true the ranker's values were, what moved; nobody is in it.

    Example: phr learn nights --html nights.html
    """
    with demo_database.existing(home) as url, psycopg.connect(url, application_name="phr-learn") as conn:
        found = ranker_nights.listing(conn)
    if not found:
        _console.print("no night has been measured yet: no push has a reward")
        return
    last = found[-1]
    _console.print(f"{len(found)} nights; the last on {last.day}: {last.decisions} rewarded pushes of 90 days")
    table = Table("policy", "followed", "95 %", "effective decisions", box=None)
    for row in estimates(last):
        table.add_row(*row)
    _console.print(table)
    table = Table("moved", "PSI", "noise line", "", box=None)
    for row in drift(last):
        table.add_row(*row)
    _console.print(table)
    if to:
        to.write_text(page(found), "utf-8")
        _console.print(f"{to}")


def estimates(night: Night) -> list[tuple[str, ...]]:
    return [(one["policy"], *_said(one), f"{one['effective']:.0f}") for one in night.estimates]


def drift(night: Night) -> list[tuple[str, ...]]:
    return [
        (one["input"], f"{one['psi']:.4f}", f"{one['line']:.4f}", "moved" if one["psi"] > one["line"] else "")
        for one in night.drift
    ]


def page(found: Sequence[Night]) -> str:
    """One file, nothing fetched: estimates by night with their intervals, agreement of the last night, drift."""
    from phr_api.commands import learn_report  # what draws is loaded only here

    last = found[-1]
    by_night = [{"night": night.day.isoformat(), **one} for night in found for one in night.estimates if "value" in one]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>The ranker, night by night</title>'
        f"<h1>The ranker, night by night</h1><p>{last.decisions} rewarded pushes of the 90 days before {last.day}."
        " No claim of one policy over another while their intervals overlap.</p>"
        f"{_drawn(_estimates_spec(by_night))}"
        f"{learn_report.table(('policy', 'followed', '95 %', 'effective decisions'), estimates(last))}"
        f"<h2>How true the values were</h2>{_drawn(_agreement_spec(last.agreement))}"
        f"<h2>Drift</h2>{learn_report.table(('input', 'PSI', 'noise line', ''), drift(last))}</html>\n"
    )


def _said(one: dict[str, Any]) -> tuple[str, str]:
    if "value" not in one:
        return "too few", ""
    return f"{one['value']:.3f}", f"{one['low']:.3f} to {one['high']:.3f}"


def _estimates_spec(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    night = {"field": "night", "type": "temporal", "title": "night"}
    color = {"field": "policy", "type": "nominal"}
    band = {"y": {"field": "low", "type": "quantitative", "title": "share followed"}, "y2": {"field": "high"}}
    return {
        "width": 520,
        "height": 260,
        "data": {"values": list(rows)},
        "layer": [
            {"mark": {"type": "rule", "opacity": 0.5}, "encoding": {"x": night, "color": color, **band}},
            {
                "mark": {"type": "line", "point": True},
                "encoding": {"x": night, "color": color, "y": {"field": "value", "type": "quantitative"}},
            },
        ],
    }


def _agreement_spec(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    share = {"type": "quantitative", "scale": {"domain": [0, 1]}}
    return {
        "width": 300,
        "height": 260,
        "data": {"values": list(rows)},
        "mark": {"type": "point", "filled": True, "size": 80},
        "encoding": {
            "x": {"field": "expected", "title": "expected share (tenths)", **share},
            "y": {"field": "observed", "title": "followed", **share},
        },
    }


def _drawn(spec: dict[str, Any]) -> str:
    import vl_convert

    return str(vl_convert.vegalite_to_svg(json.dumps(spec), vl_version=VEGA_LITE, allowed_base_urls=[]))
