"""Mean home blood pressure of 135/85 or more, below 145/90."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.home_pressure import HIGH, HIGHER, home_mean
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.words import by, either

SOURCE = pressure("家庭血圧の基準と測定")


def when(facts: Facts) -> Speech | None:
    mean = home_mean(facts)
    if mean is None or not mean.at_least(HIGH) or mean.at_least(HIGHER):
        return None
    return Speech(
        "血圧の記録を、お医者さんに見せましょう",
        f"{mean.said}家で測る血圧の目安は、135/85 mmHg未満です。"
        "1か月のうちに、かかりつけの内科に記録を見せて相談してください。"
        "通院中の方は、お薬を今までどおり続けて、次の受診で見せてください。",
        f"家庭血圧の平均は、{either(*HIGH)}の範囲です。{by(SOURCE)}",
        mean.grounds,
        English(
            "Please show your blood pressure record to a doctor",
            f"{english.home_mean(mean)} The line at home is below 135/85 mmHg. "
            "Please show the record to your family doctor within a month. "
            "If you are under treatment, keep taking your medicine as before and show it at your next visit.",
        ),
    )


RULE = Rule(
    id="home_pressure_high",
    title="家庭血圧の平均 135/85以上",
    kind="referral",
    urgency=2,
    audience="both",
    topic="home_pressure",
    needs=("pressures",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="寒い朝や寝不足が続いた週、腕帯の大きさが合わない、測り方が違う。",
    clinic_first=True,
)
