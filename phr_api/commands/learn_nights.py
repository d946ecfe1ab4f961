"""`phr learn nights`: what the ranker's own log said, night by night, as a table and as a page with pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from phr_api.commands import demo_database
from phr_api.commands.demo_database import Demo
from phr_api.commands.learn_gates import show_rows
from phr_api.commands.learn_report import drawn, table
from phr_api.commands.terminal import console
from store import ranker_nights
from store.ranker_nights import Night

_POLICY = ("policy", "followed", "95 %", "effective decisions")
_DRIFT = ("PSI", "noise line", "")


def nights(
    to: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page with pictures, too.")] = None,
    home: Demo = None,
) -> None:
    """What other policies would have earned, how true the ranker's values were, what moved; nobody is in it.

    Example: phr learn nights --html nights.html
    """
    with demo_database.existing(home) as url, psycopg.connect(url, application_name="phr-learn") as conn:
        found = ranker_nights.listing(conn)
    if not found:
        console.print("no night has been measured yet: no push has a reward")
        return
    last = found[-1]
    console.print(f"{len(found)} nights; the last on {last.day}: {last.decisions} rewarded pushes of 90 days")
    show_rows(_POLICY, estimates(last))
    show_rows(("moved", *_DRIFT), drift(last))
    if to:
        to.write_text(page(found), "utf-8")
        console.print(f"{to}")


def estimates(night: Night) -> list[tuple[str, ...]]:
    return [(one["policy"], *_said(one), f"{one['effective']:.0f}") for one in night.estimates]


def drift(night: Night) -> list[tuple[str, ...]]:
    return [
        (one["input"], f"{one['psi']:.4f}", f"{one['line']:.4f}", "moved" if one["psi"] > one["line"] else "")
        for one in night.drift
    ]


def page(found: Sequence[Night]) -> str:
    """One file, nothing fetched: estimates by night with their intervals, agreement of the last night, drift."""
    last = found[-1]
    by_night = [{"night": night.day.isoformat(), **one} for night in found for one in night.estimates if "value" in one]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>The ranker, night by night</title>'
        f"<h1>The ranker, night by night</h1><p>{last.decisions} rewarded pushes of the 90 days before {last.day}."
        " No claim of one policy over another while their intervals overlap.</p>"
        f"{drawn(_estimates_spec(by_night))}"
        f"{table(_POLICY, estimates(last))}"
        f"<h2>How true the values were</h2>{drawn(_agreement_spec(last.agreement))}"
        f"<h2>Drift</h2>{table(('input', *_DRIFT), drift(last))}</html>\n"
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
