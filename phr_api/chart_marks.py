"""The pieces that all charts are drawn from: Vega-Lite values, nothing else. Pure.

Moments are civil time of the city written as if it were UTC (milliseconds), and every scale is of type
``utc``: the picture is the same whatever zone the server or the reader's phone is in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

Spec = dict[str, Any]

X: Spec = {"field": "x", "type": "temporal"}
X2: Spec = {"field": "x2", "type": "temporal"}
Y: Spec = {"field": "y", "type": "quantitative"}
Y2: Spec = {"field": "y2"}
FILL: Spec = {"field": "fill", "type": "nominal", "scale": None}  # the row says its own colour

DAY_MS = 86_400_000
WIDTH, HEIGHT = 340, 210  # drawn for a phone: at 360 px the letters keep their size
FONT = '"Noto Sans JP", "Hiragino Sans", Meiryo, sans-serif'
# Dark blue on pale blue and a brown guide: they stay apart in grey and for every kind of colour vision.
INK, QUIET, DATA, PALE, GUIDE, BAND = "#1d2b33", "#5a6872", "#0b4f83", "#b9d3e8", "#8a4b08", "#f3e6cf"

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


def moment(day: date) -> int:
    """The start of a civil day, in the charts' own milliseconds."""
    return int(datetime.combine(day, time(), UTC).timestamp() * 1000)


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


def time_axis(field: str, since: date, today: date, marks: Sequence[date]) -> Spec:
    """The horizontal scale from ``since`` to the end of ``today``, labelled at ``marks``."""
    noon = [moment(day) + DAY_MS // 2 for day in marks]
    today_at = moment(today) + DAY_MS // 2
    return {
        "field": field,
        "type": "temporal",
        "scale": {"type": "utc", "domain": [moment(since), moment(today) + DAY_MS]},
        "axis": {
            "values": noon,
            "labelExpr": f"time(datum.value) === {today_at} ? 'きょう' : utcFormat(datum.value, '%-m/%-d')",
            "grid": False,
            "labelFlush": False,
            "labelOverlap": False,
        },
    }


def value_axis(field: str, ends: tuple[float, float], *, values: Sequence[float], guides: Sequence[float] = ()) -> Spec:
    """The vertical scale between ``ends``, labelled at ``values``; the numbers that are guides stand out."""
    is_guide = f"indexof({list(guides)}, datum.value) >= 0"
    return {
        "field": field,
        "type": "quantitative",
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


def words(rows: Sequence[Mapping[str, object]], x: Spec, y: Spec, **mark: object) -> list[Spec]:
    """Words on the picture (field ``words``), over a pale edge that keeps them readable where they cross a mark."""
    text = {"type": "text", "fontWeight": 700, **mark}
    edge = text | {"fill": "#ffffff", "stroke": "#ffffff", "strokeWidth": 5, "strokeJoin": "round"}
    return [layer(each, rows, x=x, y=y, text={"field": "words"}) for each in (edge, text)]


def guide(value: float) -> list[Spec]:
    """A dashed line across the picture, named at its right end. Its number stands on the scale at the left."""
    rows = [{"y": value}]
    line = {"type": "rule", "stroke": GUIDE, "strokeWidth": 2, "strokeDash": [7, 4]}
    return [layer(line, rows, y=Y), beside(value, "目安")]


def beside(value: float, says: str) -> Spec:
    """Words at the right of the picture, at the height of ``value``."""
    mark = {"type": "text", "align": "left", "baseline": "middle", "dx": 4, "fill": GUIDE, "fontWeight": 700}
    return layer(mark, [{"y": value, "words": says}], x={"value": "width"}, y=Y, text={"field": "words"})


def band(low: float, high: float) -> Spec:
    """A pale band between two values, the whole width."""
    return layer({"type": "rect", "fill": BAND}, [{"y": low, "y2": high}], y=Y, y2=Y2)


def at(day: date, **fields: object) -> dict[str, object]:
    """A row in the middle of its day."""
    return {"x": moment(day) + DAY_MS // 2, **fields}


def span(day: date, **fields: object) -> dict[str, object]:
    """A row that fills its day but for a gap on both sides."""
    return {"x": moment(day) + DAY_MS // 8, "x2": moment(day) + DAY_MS - DAY_MS // 8, **fields}


def every(days: int, since: date, today: date) -> list[date]:
    """Every ``days``-th day backwards from today."""
    return [date.fromordinal(n) for n in range(today.toordinal(), since.toordinal() - 1, -days)]
