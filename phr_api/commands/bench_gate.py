"""`phr bench gate`: whose weight is it? The gate of a shared scale on invented households."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated

import typer
import vl_convert
from rich.table import Table

from phr_api.chart_svg import VEGA_LITE
from phr_api.commands import bench_households as homes
from phr_api.commands.bench_households import Household
from phr_api.commands.terminal import aside

RIGHT, ASSIGNED, GUESTS = 0.99, 0.75, 0.85  # the bars, for households of two

_KINDS: dict[str, Callable[[int], Household]] = {
    "two": homes.household,
    "two, a year": lambda seed: homes.household(seed, days=365),
    "three": lambda seed: homes.household(seed, 3),
    "two, < 3 kg apart": lambda seed: homes.household(seed, apart_kg=3.0),
    "15 kg things, one of 100 kg": homes.light_things,
    "15 kg things, two of 100 kg": lambda seed: homes.light_things(seed, 2),
}
_MEASURES = ("right", "assigned", "guests_rejected")


def gate(
    households: Annotated[int, typer.Option("--n", min=5, max=5000, help="Households of each kind, a round.")] = 200,
    rounds: Annotated[int, typer.Option(min=1, max=9, help="Rounds; the median counts.")] = 3,
    picture: Annotated[Path | None, typer.Option(help="Also draw it: a name that ends in .svg.")] = None,
) -> None:
    """Whose weight is it? The gate on households drawn with the constants of the weight model.

    Two members, three, two of nearly one weight, and 15 kg things on the scale of people of 100 kg; the first five
    weighings of each member are claimed. Beside it the rule that most products have: who weighed nearest the last
    time. JSON on stdout, a table on stderr.

    Example:

      phr bench gate --n 500

    Exit code 1 when households of two fall under a bar or a 15 kg thing was somebody's.
    """
    found = {kind: _rounds(draw, households, rounds) for kind, draw in _KINDS.items()}
    found["two, nearest weight"] = homes.nearest(homes.household(seed) for seed in range(households))
    bars = {"right": RIGHT, "assigned": ASSIGNED, "guests_rejected": GUESTS}
    held = _held(found)
    sys.stdout.write(json.dumps({"households": found, "bars": bars, "held": held}, ensure_ascii=False) + "\n")
    aside.print(_table(found))
    if picture:
        picture.write_text(_picture(found), "utf-8")
    if not held:
        raise typer.Exit(1)


def _rounds(draw: Callable[[int], Household], households: int, rounds: int) -> dict[str, float]:
    """Medians over the rounds, each with households of its own; counts are of all rounds together."""
    drawn = [[draw(turn * households + place) for place in range(households)] for turn in range(rounds)]
    weighings = sum(len(series) for homes_ in drawn for series, *_ in homes_)
    begun = perf_counter()
    found = [homes.summary(round_) for round_ in drawn]
    seconds = perf_counter() - begun
    medians = {name: round(median(one[name] for one in found), 4) for name in _MEASURES}
    counts = {name: sum(one[name] for one in found) for name in ("asked", "guests")}
    return medians | counts | {"us_a_weighing": round(seconds / weighings * 1e6, 1)}


def _held(found: dict[str, dict[str, float]]) -> bool:
    two = found["two"]
    things = [found[kind]["guests_rejected"] for kind in found if kind.startswith("15 kg")]
    return (
        two["right"] >= RIGHT
        and two["assigned"] >= ASSIGNED
        and two["guests_rejected"] >= GUESTS
        and all(rejected == 1 for rejected in things)
    )


def _table(found: dict[str, dict[str, float]]) -> Table:
    table = Table("household", "right of assigned", "assigned", "guests and things rejected", "asked")
    for kind, one in found.items():
        table.add_row(kind, *(f"{one[name]:.3f}" for name in _MEASURES), f"{one['asked']:,.0f}")
    return table


def _picture(found: dict[str, dict[str, float]]) -> str:
    names = {"right": "right of assigned", "assigned": "assigned", "guests_rejected": "guests rejected"}
    rows = [
        {"household": kind, "what": names[name], "share": one[name]}
        for kind, one in found.items()
        for name in _MEASURES
    ]
    spec = {
        "data": {"values": rows},
        "width": 180,
        "mark": {"type": "bar", "color": "#1f6f5c"},
        "encoding": {
            "column": {"field": "what", "title": None, "sort": list(names.values())},
            "y": {"field": "household", "title": None, "sort": list(found)},
            "x": {"field": "share", "type": "quantitative", "scale": {"domain": [0, 1]}, "title": None},
        },
    }
    drawn: str = vl_convert.vegalite_to_svg(json.dumps(spec), vl_version=VEGA_LITE, allowed_base_urls=[])
    return drawn
