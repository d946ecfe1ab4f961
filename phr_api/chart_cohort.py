"""The picture of a group: a bar a week, up or down from what is usual. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil

from phr_api import chart_marks as marks
from phr_api.chart import Chart

_ZERO = {"type": "rule", "stroke": marks.INK, "strokeWidth": 1}


def weeks(
    rows: Sequence[tuple[date, float, int]],
    *,
    name: str,
    title: str,
    says: str,
    amounts: Sequence[str],
    today: date,
) -> Chart:
    """``rows``: (Monday, difference from what is usual, people), ascending, one at least; ``amounts``: in words."""
    newest = {row[0] for row in rows[-2:]}
    top = max(1, ceil(max(abs(shift) for _, shift, _ in rows) * 1.15))
    bars = marks.layer(
        {"type": "rect", "stroke": marks.DATA, "strokeWidth": 1},
        [_bar(monday, shift, today, fresh=monday in newest) for monday, shift, _ in rows],
        x=marks.day_axis(rows[0][0], today, every=21),
        x2=marks.X2,
        y=marks.value_axis((-top, top), values=(-top, 0, top)),
        y2=marks.Y2,
        fill=marks.FILL,
    )
    return Chart(
        name=name,
        title=title,
        says=says,
        legend=(("dark", "いちばん新しい2週"), ("pale", "その前の週")),
        spec=marks.chart([bars, marks.layer(_ZERO, [{"y": 0}], y=marks.Y)]),
        columns=("週", "ふだんとの差", "人数"),
        rows=tuple(
            (_week(monday), said, f"{people}人")
            for (monday, _, people), said in reversed(list(zip(rows, amounts, strict=True)))
        ),
        days=tuple(monday for monday, _, _ in reversed(rows)),
        today=today,
    )


def _bar(monday: date, shift: float, today: date, *, fresh: bool) -> dict[str, object]:
    start = (monday - today).days
    fill = marks.DATA if fresh else marks.PALE
    return {"x": start + 0.5, "x2": start + 6.5, "y": min(0.0, shift), "y2": max(0.0, shift), "fill": fill}


def _week(monday: date) -> str:
    sunday = monday + timedelta(days=6)
    return f"{monday.month}月{monday.day}日〜{sunday.month}月{sunday.day}日"
