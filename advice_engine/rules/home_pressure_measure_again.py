"""Home blood pressure of 180/110 or more, once, and not measured since: measure again."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.pressure_alarm import ALARM, SOURCE, VERY_HIGH, alarm
from advice_engine.rule import English, Rule, Speech
from advice_engine.words import either


def when(facts: Facts) -> Speech | None:
    found = alarm(facts)
    if found is None or found.repeated or not (found.not_measured_again and found.lately):
        return None
    return Speech(
        "血圧をもう一度測ってみてください",
        f"家で測った血圧が、{either(*VERY_HIGH)}でした。いすに座って5分ほど休み、もう一度測ってください。"
        f"同じように高いときは、今日のうちに医療機関に電話で相談してください。{ALARM}",
        found.reason,
        found.grounds,
        English(
            "Please measure your blood pressure once more",
            f"Your blood pressure at home was {english.either(*VERY_HIGH)}. Sit down, rest for five minutes and "
            "measure again. "
            f"If it is as high again, call a clinic today. {english.ALARM}",
        ),
    )


RULE = Rule(
    id="home_pressure_measure_again",
    title="家庭血圧 180/110以上が1回(測り直しがまだ)",
    kind="red_flag",
    urgency=4,
    audience="both",
    topic="home_pressure",
    needs=("pressures",),
    when=when,
    rest_days=1,
    source=SOURCE,
    false_alarms="測る前の運動・入浴・会話、腕帯のずれ(機器が印を付けた測定は除く)。別の人が使った血圧計。",
)
