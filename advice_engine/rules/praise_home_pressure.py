"""Home blood pressure was at 135/85 and more two weeks ago, and is below it now, on 5 to 7 days each."""

from dataclasses import replace

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.home_pressure import HIGH, home_mean
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.vetoes import ADULT
from advice_engine.words import by, number, span_iso

EARLIER_DAYS = 14
LEAST_FALL = 5  # mmHg; less may be chance (our choice)
SOURCE = pressure("家庭血圧の基準(135/85)。2週間前との比較の線は本システムの設定", verified=False)


def when(facts: Facts) -> Speech | None:
    now = home_mean(facts)
    if now is None or facts.age < ADULT or now.at_least(HIGH):
        return None
    before = home_mean(replace(facts, today=ago(facts, EARLIER_DAYS)))
    if before is None or not before.at_least(HIGH):
        return None
    fall = before.sys - now.sys if before.sys >= HIGH[0] else before.dia - now.dia
    if fall < LEAST_FALL:
        return None
    which, which_en = ("上", "upper") if before.sys >= HIGH[0] else ("下", "lower")
    earlier = Ground(
        "bp_sys", f"その前の家庭血圧の平均({before.days}日分)", before.text, span_iso(before.first, before.last)
    )
    return Speech(
        "家の血圧が、目安より下に戻りました",
        f"{now.said}その前の平均({before.text})より、{which}の血圧が{number(fall)} mmHg下がっています。"
        "測って確かめてこられたことが、力になっています。"
        "これからも、朝と夜の測定を週に5日、今の暮らしのまま続けてみましょう。お薬は、今までどおり続けてください。",
        f"この2週間と、その前の2週間の記録を比べています。{by(SOURCE)}",
        (*now.grounds, earlier),
        English(
            "Your blood pressure at home is back below the line",
            f"{english.home_mean(now)} Compared with the mean before ({before.text}), the {which_en} number is "
            f"{number(fall)} mmHg lower. Measuring it yourself has paid. "
            "Please go on measuring in the morning and evening on five days a week. Keep taking your medicine as "
            "before.",
        ),
    )


RULE = Rule(
    id="praise_home_pressure",
    title="家庭血圧の平均が135/85より下に戻った",
    kind="praise",
    urgency=1,
    audience="citizen",
    topic="praise_pressure",
    needs=("pressures",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="暖かくなっただけの時期、測る時刻が変わった方、家族の測定が混じった週。",
)
