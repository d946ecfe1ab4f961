"""The weight chart: a point a day, the trend as a line in its band, the target range as another band. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor

from advice_engine.learned.weight_trend import forecast, of_days
from phr_api import chart_marks as marks
from phr_api.chart import Chart, Figures, Swatch, short_day, spoken_day
from store.clock import age_on

# Target BMI by age, kg/m2: 日本人の食事摂取基準(2025年版), 目標とするBMIの範囲. (from age, low, high)
_TARGET_BMI = ((65, 21.5, 24.9), (50, 20.0, 24.9), (18, 18.5, 24.9))

_DOT = {"type": "point", "shape": "circle", "size": 30, "opacity": 1, "stroke": marks.SOFT, "fill": "#ffffff"}
_LINE = {"type": "line", "stroke": marks.DATA, "strokeWidth": 3}
_PIECE = {"field": "piece"}
_LIKELY = {"type": "area", "fill": marks.PALE, "fillOpacity": 0.7}
LIKELY = 0.95  # of how many the weight lies in the band round the trend (advice_engine/learned/weight_trend.py)
LEAST = 3  # so many readings before a change is told in words


@dataclass(frozen=True, slots=True)
class Level:
    """The trend on one day, kg: its middle, and the ends of the band in which the weight likely is."""

    day: date
    kg: float
    low: float
    high: float


def weight(figures: Figures, *, height_cm: float | None, birth_date: date, today: date, days: int = 90) -> Chart | None:
    """The chart of the last ``days`` days (kg), or None when nothing was measured."""
    since = today - timedelta(days - 1)
    shown = [(day, value) for day, value in figures if since <= day <= today]
    if not shown:
        return None
    target = target_weight(height_cm, age_on(birth_date, today))
    trend = levels([one for one in figures if one[0] <= today], since)
    ends = _ends([value for _, value in shown], target)
    x, y = marks.day_axis(since, today, every=30), marks.value_axis(ends, values=_ticks(*ends))
    layers = [
        *_target_band(target, *ends, last=shown[-1][1]),
        marks.layer(_LIKELY, _pieces(trend, today), x=marks.X, y=marks.Y, y2=marks.Y2, detail=_PIECE),
        marks.layer(_DOT, [marks.at(day, today, y=value) for day, value in shown], x=x, y=y),
        marks.layer(_LINE, _pieces(trend, today, line=True), x=marks.X, y=marks.Y, detail=_PIECE),
        marks.beside(shown[-1][1], f"{shown[-1][1]:.1f}", marks.INK),
    ]
    return Chart(
        name="weight",
        title=f"体重(この{days}日、kg)",
        says=_says(shown, trend, today),
        legend=_legend(target, *ends),
        spec=marks.chart(layers),
        columns=("日", "体重", "ならした体重", "ありそうな範囲"),
        rows=_rows(shown, trend),
        days=tuple(day for day, _ in reversed(shown)),
        today=today,
    )


def target_weight(height_cm: float | None, age: int) -> tuple[float, float] | None:
    """The range of body weight (kg) at the target BMI of this age; None without a height or under 18."""
    if height_cm is None:
        return None
    square = (height_cm / 100) ** 2
    return next(((low * square, high * square) for since, low, high in _TARGET_BMI if age >= since), None)


def levels(figures: Figures, since: date) -> list[Level]:
    """Where the weight stands after each reading from ``since`` on (kg), and between which two weights it likely is."""
    told = [(date.fromordinal(trend.day), forecast(trend, 0)) for trend in of_days(figures)]
    return [Level(day, now.kg, *now.interval(LIKELY)) for day, now in told if day >= since]


def _ends(values: Sequence[float], target: tuple[float, float] | None) -> tuple[int, int]:
    # The scale follows the person's own values; the target comes into view only when it is near.
    low, high, near = min(values) - 1, max(values) + 1, 4.0
    if target and target[1] < low < target[1] + near:
        low = target[1] - 1
    if target and target[0] - near < high < target[0]:
        high = target[0] + 1
    return floor(low), ceil(high)


def _ticks(low: int, high: int) -> list[int]:
    step = next((step for step in (1, 2, 5, 10, 20) if (high - low) / step <= 6), 50)
    return list(range(-(-low // step) * step, high + 1, step))


def _target_band(target: tuple[float, float] | None, low: float, high: float, *, last: float = 0) -> list[marks.Spec]:
    if target is None or target[0] >= high or target[1] <= low:
        return []
    lower, upper = max(low, target[0]), min(high, target[1])
    middle = (lower + upper) / 2
    crowded = abs(last - middle) < (high - low) / 8  # the last value is written there; the legend tells the band
    return [marks.band(lower, upper), *([] if crowded else [marks.beside(middle, "目標")])]


def _pieces(trend: Sequence[Level], today: date, *, line: bool = False) -> list[dict[str, object]]:
    # No line across a gap of more than ten days: nothing is known there.
    rows: list[dict[str, object]] = []
    piece, before = 0, None
    for one in trend:
        piece += before is not None and (one.day - before).days > 10
        ends = {"y": one.kg} if line else {"y": one.low, "y2": one.high}
        rows.append(marks.at(one.day, today, piece=piece, **ends))
        before = one.day
    return rows


def _says(shown: Figures, trend: Sequence[Level], today: date) -> str:
    day, last = shown[-1]
    says = f"{spoken_day(day, today)}の体重は{last:.1f}kgです。"
    if len(trend) < LEAST or (trend[-1].day - trend[LEAST - 1].day).days < 14:
        return says
    first, newest = trend[LEAST - 1], trend[-1]
    change = newest.kg - first.kg
    went = "ほぼ同じです" if abs(change) < 0.3 else f"{abs(change):.1f}kg{'増えました' if change > 0 else '減りました'}"
    return f"{says}日々のゆれをならすと{newest.kg:.1f}kgで、{(newest.day - first.day).days}日前と比べて{went}。"


def _legend(target: tuple[float, float] | None, low: float, high: float) -> tuple[tuple[Swatch, str], ...]:
    lines: list[tuple[Swatch, str]] = [
        ("dot", "その日の体重"),
        ("line", "ならした体重(日々のゆれをのぞいた見積もり)"),
        ("pale", "ならした体重が、ほぼ入る範囲(20回に19回)"),
    ]
    if target:
        away = "" if _target_band(target, low, high) else "。グラフの外にあります"
        bmi = "日本人の食事摂取基準(2025年版)の目標とするBMIと身長から計算"
        lines.append(("band", f"年齢に合った目標の範囲 {target[0]:.1f}〜{target[1]:.1f}kg({bmi}{away})"))
    return tuple(lines)


def _rows(shown: Figures, trend: Sequence[Level]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (short_day(one.day), f"{value:.1f}kg", f"{one.kg:.1f}kg", f"{one.low:.1f}〜{one.high:.1f}kg")
        for (_, value), one in zip(reversed(shown), reversed(trend), strict=True)
    )
