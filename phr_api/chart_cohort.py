"""The picture of a group: a bar a week, up or down from what is usual. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil, floor, log10

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
    ticks = _ticks([shift for _, shift, _ in rows])
    bars = marks.layer(
        {"type": "rect", "stroke": marks.DATA, "strokeWidth": 1},
        [_bar(monday, shift, today, fresh=monday in newest) for monday, shift, _ in rows],
        x=marks.day_axis(rows[0][0], today, every=21),
        x2=marks.X2,
        y=marks.value_axis((ticks[0], ticks[-1]), values=ticks),
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


def _ticks(shifts: Sequence[float]) -> tuple[int, ...]:
    """Round numbers around 0 and every bar: 1, 2 or 5 times a power of ten apart, two of them at the longest bar."""
    half = max(1.0, max(abs(shift) for shift in shifts) / 2)
    power = 10 ** floor(log10(half))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= half)
    low, high = floor(min(0.0, *shifts) / step), ceil(max(0.0, *shifts) / step)
    return tuple(step * number for number in range(low, max(high, low + 1) + 1))


def _bar(monday: date, shift: float, today: date, *, fresh: bool) -> dict[str, object]:
    start = (monday - today).days
    fill = marks.DATA if fresh else marks.PALE
    return {"x": start + 0.5, "x2": start + 6.5, "y": min(0.0, shift), "y2": max(0.0, shift), "fill": fill}


def _week(monday: date) -> str:
    sunday = monday + timedelta(days=6)
    return f"{monday.month}月{monday.day}日〜{sunday.month}月{sunday.day}日"
