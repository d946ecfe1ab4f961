"""The pieces that all charts are drawn from: Vega-Lite values, nothing else. Pure.

Time is counted in days from today, whose start is 0: no zone of a server or telephone can shift a picture, and
the browser's expression interpreter (needed where ``unsafe-eval`` is not allowed) misreads Vega's dates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Spec = dict[str, Any]

X: Spec = {"field": "x", "type": "quantitative"}
X2: Spec = {"field": "x2"}
Y: Spec = {"field": "y", "type": "quantitative"}
Y2: Spec = {"field": "y2"}
FILL: Spec = {"field": "fill", "type": "nominal", "scale": None}  # the row says its own colour

WIDTH, HEIGHT = 340, 210  # drawn for a phone: at 360 px the letters keep their size
FONT = '"Noto Sans JP", "Hiragino Sans", Meiryo, sans-serif'
# Dark blue on pale blue and a brown guide: they stay apart in grey and for every kind of colour vision.
INK, DATA, SOFT, PALE, GUIDE, BAND = "#1d2b33", "#0b4f83", "#5b8db8", "#b9d3e8", "#8a4b08", "#f3e6cf"

_CONFIG: Spec = {
    "font": FONT,
    "aria": False,  # the page gives the whole picture one sentence; a label a mark would be noise
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 14,
        "labelColor": INK,
        "gridColor": "#dfe5e8",
        "domainColor": "#9aa7ae",
        "tickColor": "#9aa7ae",
        "title": None,
    },
    "text": {"fontSize": 14, "fill": INK},
}


def chart(layers: Sequence[Spec]) -> Spec:
    """A whole picture from its layers, the lowest first."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": WIDTH,
        "height": HEIGHT,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 2, "right": 12, "top": 8, "bottom": 2},
        "config": _CONFIG,
        "layer": list(layers),
    }


def layer(mark: Spec, rows: Sequence[Mapping[str, object]], **encoding: Spec) -> Spec:
    """One layer: a mark over its own rows."""
    return {"data": {"values": [dict(row) for row in rows]}, "mark": mark, "encoding": encoding}


def day_axis(since: date, today: date, *, every: int) -> Spec:
    """The horizontal scale from ``since`` to the end of ``today``, each ``every``-th day backwards from today named."""
    named = range(0, (since - today).days - 1, -every)
    words = {back + 0.5: _short(today + timedelta(back)) if back else "きょう" for back in named}
    return X | {
        "scale": {"domain": [(since - today).days, 1], "nice": False, "zero": False},
        "axis": {
            "values": list(words),
            "tickCount": len(words) + 1,
            "labelExpr": f"({json.dumps(words, ensure_ascii=False)})[datum.value]",
            "grid": False,
            "labelFlush": False,
            "labelOverlap": False,
        },
    }


def _short(day: date) -> str:
    return f"{day.month}/{day.day}"


def value_axis(ends: tuple[float, float], *, values: Sequence[float], guides: Sequence[float] = ()) -> Spec:
    """The vertical scale between ``ends``, labelled at ``values``; the numbers that are guides stand out."""
    is_guide = f"indexof({list(guides)}, datum.value) >= 0"
    return Y | {
        "scale": {"domain": list(ends), "nice": False, "zero": False, "clamp": True},
        "axis": {
            "values": list(values),
            "tickCount": len(values) + 1,  # else Vega leaves out every other value when it finds them many
            "format": ",~f",
            "domain": False,
            "ticks": False,
            "labelOverlap": False,
            "labelColor": {"condition": {"test": is_guide, "value": GUIDE}, "value": INK},
            "labelFontWeight": {"condition": {"test": is_guide, "value": 700}, "value": 400},
        },
    }


def guide(value: float) -> list[Spec]:
    """A dashed line across the picture, named at its right end. Its number stands on the scale at the left."""
    rows = [{"y": value}]
    line = {"type": "rule", "stroke": GUIDE, "strokeWidth": 2, "strokeDash": [7, 4]}
    return [layer(line, rows, y=Y), beside(value, "目安")]


def beside(value: float, says: str, ink: str = GUIDE) -> Spec:
    """Words at the right of the picture, at the height of ``value``."""
    mark = {"type": "text", "align": "left", "baseline": "middle", "dx": 5, "fill": ink, "fontWeight": 700}
    return layer(mark, [{"y": value, "words": says}], x={"value": "width"}, y=Y, text={"field": "words"})


def band(low: float, high: float) -> Spec:
    """A pale band between two values, the whole width."""
    return layer({"type": "rect", "fill": BAND}, [{"y": low, "y2": high}], y=Y, y2=Y2)


def at(day: date, today: date, **fields: object) -> dict[str, object]:
    """A row in the middle of its day."""
    return {"x": (day - today).days + 0.5, **fields}


def span(day: date, today: date, *, gap: float = 0.125, **fields: object) -> dict[str, object]:
    """A row that fills its day but for a gap (a part of the day) on both sides."""
    start = (day - today).days
    return {"x": start + gap, "x2": start + 1 - gap, **fields}
