"""The home blood pressure chart: a bar a day from the lower to the upper value, against 135/85. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import fmean

from phr_api import chart_marks as marks
from phr_api.chart import Chart, Figures, short_day, spoken_day

# Home pressure, mmHg, mean of 5 to 7 days: 高血圧管理・治療ガイドライン2025 (日本高血圧学会), as in 2019
SYS_LINE, DIA_LINE = 135, 85
_GUIDELINE = "高血圧管理・治療ガイドライン2025"
_ABOVE = {
    "type": "point",
    "shape": "triangle-up",
    "filled": True,
    "fill": marks.DATA,
    "size": 60,
    "opacity": 1,
    "yOffset": -8,
}

Days = Sequence[tuple[date, float, float]]  # civil day, mean systolic, mean diastolic; ascending


def pressure(sys: Figures, dia: Figures, *, today: date, days: int = 28) -> Chart | None:
    """The chart of the last ``days`` days (mmHg), or None when nothing was measured."""
    since, lower = today - timedelta(days - 1), dict(dia)
    shown = [(day, value, lower[day]) for day, value in sys if since <= day <= today and day in lower]
    if not shown:
        return None
    return Chart(
        name="pressure",
        title=f"家庭血圧(この{days}日、mmHg)",
        says=_says(shown, today),
        legend=(
            ("pale", "その日の平均。棒の上の端が上の血圧、下の端が下の血圧"),
            ("dark", f"▲もつく日: 上が{SYS_LINE}以上、または下が{DIA_LINE}以上"),
            ("dash", f"家庭血圧の目安 {SYS_LINE}/{DIA_LINE}({_GUIDELINE})"),
        ),
        spec=_picture(shown, since, today),
        columns=("日", "上の血圧", "下の血圧", f"{SYS_LINE}/{DIA_LINE}の目安"),
        rows=tuple(
            (short_day(day), f"{sys:.0f}", f"{dia:.0f}", "目安以上" if over(sys, dia) else "目安より低い")
            for day, sys, dia in reversed(shown)
        ),
        days=tuple(day for day, _, _ in reversed(shown)),
        today=today,
    )


def over(sys: float, dia: float) -> bool:
    """Whether a pair of values (mmHg) is at or over the home line."""
    return sys >= SYS_LINE or dia >= DIA_LINE


def _picture(shown: Days, since: date, today: date) -> marks.Spec:
    low = min(50, *(dia - 5 for _, _, dia in shown))
    high = max(160, *(sys + 12 for _, sys, _ in shown))
    rows = [
        marks.span(day, today, y=dia, y2=sys, fill=marks.DATA if over(sys, dia) else marks.PALE)
        for day, sys, dia in shown
    ]
    bars = marks.layer(
        {"type": "rect", "stroke": marks.DATA, "strokeWidth": 1, "cornerRadius": 2},
        rows,
        x=marks.day_axis(since, today, every=7),
        x2=marks.X2,
        y=marks.value_axis((low, high), values=range(60, int(high) + 1, 25), guides=(DIA_LINE, SYS_LINE)),
        y2=marks.Y2,
        fill=marks.FILL,
    )
    highs = marks.layer(
        _ABOVE, [marks.at(day, today, y=sys) for day, sys, dia in shown if over(sys, dia)], x=marks.X, y=marks.Y
    )
    lines = [*marks.guide(SYS_LINE), *marks.guide(DIA_LINE)]
    return marks.chart([marks.band(DIA_LINE, SYS_LINE), bars, highs, *lines])


def _says(shown: Days, today: date) -> str:
    day, last_sys, last_dia = shown[-1]
    says = f"{spoken_day(day, today)}の平均は、上{last_sys:.0f}・下{last_dia:.0f}です。"
    week = [row for row in shown if row[0] > today - timedelta(7)]
    if len(week) < 2:
        return says
    sys, dia = fmean(row[1] for row in week), fmean(row[2] for row in week)
    place = "目安の135/85以上です" if over(sys, dia) else "目安の135/85より低い値です"
    return f"{says}この7日間({len(week)}日分)の平均は上{sys:.0f}・下{dia:.0f}で、{place}。"
