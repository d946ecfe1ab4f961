"""Mean home blood pressure of 145/90 or more, below 160/100."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.home_pressure import HIGHER, HIGHEST, home_mean
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.words import by, either

SOURCE = pressure("家庭血圧の分類(II度)", verified=False)


def when(facts: Facts) -> Speech | None:
    mean = home_mean(facts)
    if mean is None or not mean.at_least(HIGHER) or mean.at_least(HIGHEST):
        return None
    return Speech(
        "血圧のことで、早めに相談しましょう",
        f"{mean.said}家で測る血圧の目安(135/85 mmHg)を超えています。"
        "1〜2週間のうちに、かかりつけの内科に相談してください。血圧の記録を持って行くと役に立ちます。"
        "通院中の方は、お薬を今までどおり続けて、主治医に記録を見せてください。",
        f"家庭血圧の平均は、{either(*HIGHER)}の範囲です。{by(SOURCE)}",
        mean.grounds,
        English(
            "Blood pressure: please ask a doctor soon",
            f"{english.home_mean(mean)} That is above the line for home, 135/85 mmHg. "
            "Please ask your family doctor within one or two weeks, and bring the record. "
            "If you are under treatment, keep taking your medicine as before and show your doctor the record.",
        ),
    )


RULE = Rule(
    id="home_pressure_high_soon",
    title="家庭血圧の平均 145/90以上",
    kind="referral",
    urgency=3,
    audience="both",
    topic="home_pressure",
    needs=("pressures",),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="腕帯の大きさが合わない、測り方が違う、家族の測定が混じっている。",
    clinic_first=True,
)
