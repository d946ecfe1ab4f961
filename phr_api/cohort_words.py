"""What the 保健師 reads of a district's age band: the sentence, what may lie behind it, the picture. Pure.

It speaks of a group and names no person. It says that numbers moved, never that anybody is ill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from phr_api.chart import Chart
from phr_api.chart_cohort import weeks
from store.cohorts import CohortAlert
from store.metrics import METRICS

_WHAT = {"bp_sys": "上の血圧(家庭)", "steps": "1日の歩数", "weight": "体重", "sleep": "睡眠時間"}
_DIRECTION = {
    "bp_sys": ("高い", "低い"),
    "steps": ("多い", "少ない"),
    "weight": ("重い", "軽い"),
    "sleep": ("長い", "短い"),
}
_LOOK_AT = {
    "bp_sys": "血圧計や測り方が変わっていないか(新しい機種、集まりでの測定)、急な寒さや暑さ、停電や断水",
    "steps": "雪や道の工事、地区の行事や農作業、歩数計の配り直しや電池",
    "weight": "体重計を入れかえていないか、集まりで測ったときの服装、地区の行事",
    "sleep": "暑さや寒さ、夜の工事や災害、機器の入れかえ",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as a chart, which carries its words, and what to look at."""

    chart: Chart
    look_at: str


def told(alerts: Sequence[CohortAlert], today: date) -> list[Told]:
    """In the order of the alerts."""
    return [_told(one, place, today) for place, one in enumerate(alerts)]


def sentence(one: CohortAlert) -> str:
    """「港」の75歳以上の31人の…: what moved by how much, and what the whole town did."""
    week = f"{one.week.month}月{one.week.day}日からの週"
    own, town = amount(one.metric, one.shift), amount(one.metric, one.town_move)
    return (
        f"{week}の{_WHAT[one.metric]}は、その方たちのふだんとくらべて平均{own}でした({one.people}人)。"
        f"その前の週も同じ向きです。市全体の動き({town})は引いてあります。"
    )


def look_at(one: CohortAlert) -> str:
    """What to do: things to look at before anybody is called."""
    return (
        f"まず、{_LOOK_AT[one.metric]}など、思いあたることがないかを見てください。"
        "お一人おひとりの結果ではなく、だれかの具合を表すものでもありません。"
        "思いあたることがなければ、地区の集まりや訪問のときに、ようすを聞いてみてください。"
    )


def ages(band: str) -> str:
    """75歳以上, 65〜74歳."""
    low, _, high = band.partition("-")
    return f"{low}〜{high}歳" if high else f"{low}歳以上"


def amount(metric: str, value: float) -> str:
    """+8 mmHg, −0.4 kg; what rounds to nothing is said so."""
    digits = METRICS[metric].digits
    shown = f"{abs(value):,.{digits}f}"
    if not float(shown.replace(",", "")):
        return "ほぼなし"
    return f"{'+' if value > 0 else '−'}{shown} {METRICS[metric].unit_ja}"


def _told(one: CohortAlert, place: int, today: date) -> Told:
    direction = _DIRECTION[one.metric][one.shift < 0]
    title = f"「{one.district}」の{ages(one.ages)}: {_WHAT[one.metric]}が{direction}週が続いています"
    chart = weeks(
        [(week.week, week.shift, week.people) for week in one.weeks],
        name=f"cohort-{place}",
        title=title,
        says=sentence(one),
        amounts=[amount(one.metric, week.shift) for week in one.weeks],
        today=today,
    )
    return Told(chart, look_at(one))
