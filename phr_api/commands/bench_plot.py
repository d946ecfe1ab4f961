"""The picture of a bench: throughput, time to the commit, CPU and memory side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import vl_convert

from phr_api.chart_svg import VEGA_LITE
from phr_api.commands.problem import Problem

_OURS, _THEIRS = "#1f6f5c", "#9aa5a0"
_NAMES = {
    "naive": "one INSERT each",
    "client": "MQTT client alone",
    "public": "ingest, paho's public API",
    "fast": "ingest, fast receive",
    "workers": "ingest, two workers",
    "bundles": "ingest, bundles of 50",
    "writer": "writer alone",
    "copy": "COPY alone",
    "live": "ingest at 5,000/s",
    "naive_live": "one INSERT each, at 500/s",
    "stall": "database stalled 8 s",
}
_NOT_OURS = ("naive", "naive_live", "copy", "client")


def save(figures: Mapping[str, float], path: Path) -> None:
    """Write the medians as a picture; SVG or PNG by the file's ending."""
    spec = json.dumps(_spec(figures))
    if path.suffix == ".svg":
        path.write_text(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[]), "utf-8")
    elif path.suffix == ".png":
        path.write_bytes(vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=2, allowed_base_urls=[]))
    else:
        raise Problem(f"{path}: a picture's name ends in .svg or .png")


def _spec(figures: Mapping[str, float]) -> dict[str, Any]:
    rows = [(name.partition(".")[0], name.partition(".")[2], value) for name, value in figures.items()]
    panels = [
        _bars("readings a second", [row for row in rows if row[1] == "rate"], scale="log"),
        _spread("publish to committed, ms", [row for row in rows if row[1] in ("p50", "p95", "p99")]),
        _bars("µs of CPU a reading", [row for row in rows if row[1] == "cpu_us"]),
        _bars("peak memory, MB", [row for row in rows if row[1] == "peak_mb"]),
    ]
    return {"columns": 2, "concat": panels, "background": "white", "config": {"font": "sans-serif"}}


def _data(rows: Sequence[tuple[str, str, float]]) -> dict[str, Any]:
    return {
        "values": [
            {"what": _NAMES[part], "which": which, "value": value, "ours": part not in _NOT_OURS}
            for part, which, value in rows
        ]
    }


def _bars(title: str, rows: Sequence[tuple[str, str, float]], scale: str = "linear") -> dict[str, Any]:
    # a bar on a logarithmic scale needs an explicit start
    value = {"field": "value", "type": "quantitative", "title": title, "scale": {"type": scale}}
    start = {"x2": {"datum": 100}} if scale == "log" else {}
    base = {"y": {"field": "what", "type": "nominal", "title": None, "sort": None}, "x": value}
    color = {"condition": {"test": "datum.ours", "value": _OURS}, "value": _THEIRS}
    text = {"field": "value", "type": "quantitative", "format": ",.3~r"}
    label = {"mark": {"type": "text", "align": "left", "dx": 3}, "encoding": base | {"text": text}}
    bar = {"mark": "bar", "encoding": base | start | {"color": color}}
    return {"data": _data(rows), "width": 320, "layer": [bar, label]}


def _spread(title: str, rows: Sequence[tuple[str, str, float]]) -> dict[str, Any]:
    return {
        "data": _data(rows),
        "width": 320,
        "mark": {"type": "point", "filled": True, "size": 90},
        "encoding": {
            "y": {"field": "what", "type": "nominal", "title": None, "sort": None},
            "x": {"field": "value", "type": "quantitative", "title": title, "scale": {"type": "log"}},
            "shape": {"field": "which", "type": "nominal", "title": None},
            "color": {"condition": {"test": "datum.ours", "value": _OURS}, "value": _THEIRS},
        },
    }
