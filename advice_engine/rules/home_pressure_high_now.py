"""Mean home blood pressure of 160/100 or more."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.home_pressure import HIGHEST, home_mean
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.words import by, either

SOURCE = pressure("家庭血圧の分類(III度)", verified=False)


def when(facts: Facts) -> Speech | None:
    mean = home_mean(facts)
    if mean is None or not mean.at_least(HIGHEST):
        return None
    return Speech(
        "血圧のことで、今日か明日に受診してください",
        f"{mean.said}すぐに受診がすすめられている高さです。今日か明日のうちに、かかりつけの内科に相談してください。"
        "血圧の記録を持って行きましょう。お薬がある方は、今までどおり続けてください。"
        "それまでは、力仕事や雪かき、熱いお風呂は控えてください。",
        f"家庭血圧の平均は、{either(*HIGHEST)}の範囲です。{by(SOURCE)}",
        mean.grounds,
        English(
            "Blood pressure: please see a doctor today or tomorrow",
            f"{english.home_mean(mean)} At this height a visit is advised at once. Please ask your family doctor "
            "today or tomorrow, "
            "and bring the record. If you have medicine, keep taking it as before. "
            "Until then, leave heavy work, snow shovelling and hot baths.",
        ),
    )


RULE = Rule(
    id="home_pressure_high_now",
    title="家庭血圧の平均 160/100以上",
    kind="red_flag",
    urgency=4,
    audience="both",
    topic="home_pressure",
    needs=("pressures",),
    when=when,
    rest_days=2,
    source=SOURCE,
    false_alarms="腕帯の大きさが合わない、測り方が違う、家族の測定が混じっている。",
)
