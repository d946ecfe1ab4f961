"""Weight rising over four weeks, at or near BMI 25. Never for people who should not lose."""

from collections.abc import Sequence

from advice_engine import english
from advice_engine.energy import GOAL_SHARE, HEAVY, losing_does_no_harm
from advice_engine.facts import DayFigure, Facts
from advice_engine.figures import between, middle, slope_per_week
from advice_engine.history import height_m
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import obesity
from advice_engine.words import amount, by, number, span_iso

WEEKS, LEAST_DAYS, LEAST_SPAN = 4, 8, 21
PACE_KG = 0.25  # a week, about 1 kg a month (our choice)
NEAR = 23.0  # BMI: who is clearly below 25 is not told to lose weight, however fast it rises (our choice)
SOURCE = obesity("減量目標(3〜6か月で体重の3%)。増え方の線は本システムの設定", verified=False)


def when(facts: Facts) -> Speech | None:
    figures = between(facts, "weight", oldest=7 * WEEKS)
    height = height_m(facts)
    weight = middle(figures[-7:], at_least=3)
    if height is None or weight is None or not losing_does_no_harm(facts) or not _enough(figures):
        return None
    pace, lately = slope_per_week(figures) or 0.0, middle(figures, at_least=LEAST_DAYS) or 0.0
    if pace < PACE_KG or (weight + WEEKS * pace) / height**2 < HEAVY or min(weight, lately) / height**2 < NEAR:
        return None
    return Speech(
        "体重が少しずつ増えています",
        f"この4週間、体重が1週間に約{number(pace, 1)} kgのペースで増えています。今は{amount('weight', weight)}です。"
        "まずは、ひとつだけ変えてみませんか。甘い飲み物を1日1本お茶にする。"
        "夕食のごはんを、茶わんに軽く1杯にする。夜9時をすぎたら食べない。"
        f"{_goal(weight, height)}",
        f"体重の4週間の傾きと、健診の身長からみています。{by(SOURCE)}",
        (Ground("weight", "4週間の体重", amount("weight", weight), span_iso(figures[0].day, figures[-1].day)),),
        English(
            "Your weight is slowly rising",
            f"In the last four weeks your weight rose by about {number(pace, 1)} kg a week. It is now "
            f"{english.amount('weight', weight)}. How about changing one thing? Have tea instead of one sweet drink a "
            "day; or one lightly filled bowl of rice at dinner; or nothing after nine in the evening. "
            f"{_goal_en(weight, height)}",
        ),
    )


def _enough(figures: Sequence[DayFigure]) -> bool:
    return len(figures) >= LEAST_DAYS and (figures[-1].day - figures[0].day).days >= LEAST_SPAN


def _goal(weight: float, height: float) -> str:
    if weight / height**2 < HEAVY:
        return "早めに気づけば、元の体重に戻しやすくなります。"
    return f"目標は、3〜6か月で体重の3%(約{number(weight * GOAL_SHARE, 1)} kg)です。急いで減らさなくて大丈夫です。"


def _goal_en(weight: float, height: float) -> str:
    if weight / height**2 < HEAVY:
        return "Noticed early, it is easier to go back to your usual weight."
    return f"The goal is three percent in three to six months (about {number(weight * GOAL_SHARE, 1)} kg): no hurry."


RULE = Rule(
    id="weight_trend_up",
    title="体重が4週間増え続けている(BMI 25前後)",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="weight",
    needs=("days:weight", "checkups"),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="筋肉が増えた方、むくみ、体重計が替わった、測る時刻がばらばら、別の人が乗った。",
)
