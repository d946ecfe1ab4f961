"""The steps chart: a bar a day against the guide. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil
from statistics import fmean

from advice_engine.steps_guide import guide_at
from phr_api import chart_marks as marks
from phr_api.chart import Chart, Figures, short_day, spoken_day
from store.clock import age_on

_GUIDELINE = "健康づくりのための身体活動・運動ガイド2023"


def steps(figures: Figures, *, birth_date: date, today: date, days: int = 28) -> Chart | None:
    """The chart of the last ``days`` days, or None when no step was counted."""
    since = today - timedelta(days - 1)
    shown = [(day, value) for day, value in figures if since <= day <= today]
    if not shown:
        return None
    goal = guide_at(age_on(birth_date, today))
    return Chart(
        name="steps",
        title=f"歩数(この{days}日)",
        says=_says(shown, goal, today),
        legend=(
            ("dark", "目安に届いた日"),
            ("pale", "目安より少ない日"),
            ("dash", f"目安 1日{goal:,}歩({_GUIDELINE})"),
        ),
        spec=_picture(shown, goal, since, today),
        columns=("日", "歩数", f"目安({goal:,}歩)"),
        rows=tuple((short_day(day), f"{value:,.0f}歩", _reached(value, goal)) for day, value in reversed(shown)),
        days=tuple(day for day, _ in reversed(shown)),
        today=today,
    )


def _picture(shown: Figures, goal: int, since: date, today: date) -> marks.Spec:
    top = ceil(max(goal * 1.2, max(value for _, value in shown) * 1.05) / 1000) * 1000
    rows = [
        marks.span(day, today, y=0, y2=value, fill=marks.DATA if value >= goal else marks.PALE) for day, value in shown
    ]
    bars = marks.layer(
        {"type": "rect", "stroke": marks.DATA, "strokeWidth": 1},
        rows,
        x=marks.day_axis(since, today, every=7),
        x2=marks.X2,
        y=marks.value_axis((0, top), values=range(0, top + 1, 2000 if top <= 14_000 else 4000), guides=[goal]),
        y2=marks.Y2,
        fill=marks.FILL,
    )
    return marks.chart([bars, *marks.guide(goal)])


def _reached(value: float, goal: int) -> str:
    return "届いた" if value >= goal else "まだ"


def _says(shown: Figures, goal: int, today: date) -> str:
    week = [value for day, value in shown if today - timedelta(7) <= day < today]
    now = [f"きょうはここまで{value:,.0f}歩です。" for day, value in shown if day == today]
    if week:
        reached = sum(value >= goal for value in week)
        mean = f"きのうまでの7日間の平均は1日{fmean(week):,.0f}歩"
        now.append(f"{mean}、目安の{goal:,}歩に届いた日は{len(week)}日のうち{reached}日です。")
    return "".join(now) or f"{spoken_day(shown[-1][0], today)}は{shown[-1][1]:,.0f}歩でした。"
