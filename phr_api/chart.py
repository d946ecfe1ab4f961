"""What a chart is, and how days are spoken of. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from phr_api.chart_marks import INK, X2, Spec, X, layer, span

Figures = Sequence[tuple[date, float]]  # (civil day, the day's figure), ascending
Swatch = Literal["dot", "line", "band", "dark", "pale", "dash"]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart, which says the same three times: as a picture, as a sentence, as a table.

    ``legend`` pairs a swatch with its words; ``rows`` are the picture's numbers, newest first, and ``days`` the
    civil day of each row. ``today`` is where the picture's time ends.
    """

    name: str
    title: str
    says: str
    legend: tuple[tuple[Swatch, str], ...]
    spec: Spec
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    days: tuple[date, ...]
    today: date


def with_touch(chart: Chart) -> Spec:
    """The same picture with a strip over each day that says the day's row (needs the browser's script)."""
    fields = [f"c{n}" for n in range(len(chart.columns))]
    rows = [
        span(day, chart.today, gap=0, **dict(zip(fields, row, strict=True)))
        for day, row in zip(chart.days, chart.rows, strict=True)
    ]
    says = [{"field": field, "title": title} for field, title in zip(fields, chart.columns, strict=True)]
    strips = layer({"type": "rect", "fill": INK}, rows, x=X, x2=X2, y={"value": 0}, y2={"value": "height"})
    strips["encoding"] |= {
        "tooltip": says,
        "opacity": {"condition": {"param": "here", "empty": False, "value": 0.14}, "value": 0},
    }
    strips["name"] = "strips"
    strips["params"] = [{"name": "here", "select": {"type": "point", "on": "pointerover", "clear": "pointerout"}}]
    return chart.spec | {"layer": [*chart.spec["layer"], strips]}


def short_day(day: date) -> str:
    """11月21日(土)"""
    return f"{day.month}月{day.day}日({'月火水木金土日'[day.weekday()]})"


def spoken_day(day: date, today: date) -> str:
    """きょう, きのう, or the date."""
    return {0: "きょう", 1: "きのう"}.get((today - day).days, short_day(day))
