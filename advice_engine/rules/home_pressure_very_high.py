"""Home blood pressure of 180/110 or more, and not only once: a doctor today."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.home_pressure import HIGHEST
from advice_engine.pressure_alarm import ALARM, SOURCE, VERY_HIGH, alarm
from advice_engine.rule import English, Rule, Speech
from advice_engine.words import either

CALL_EN = "Please call a clinic today. If you have medicine, keep taking it as before."
CALL = (
    "今日のうちに、かかりつけの医療機関に電話で相談してください。"
    "夜や休みの日でつながらないときは、休日・夜間の診療所や救急の電話相談に聞いてください。"
    "お薬がある方は、今までどおり続けてください。"
)


def when(facts: Facts) -> Speech | None:
    found = alarm(facts)
    if found is None or not (found.repeated or (found.stays_high and found.lately)):
        return None
    said = (
        f"家で測った血圧で、{either(*VERY_HIGH)}のことが{len(found.high)}回ありました。"
        if found.repeated
        else f"家で測った血圧が、{either(*VERY_HIGH)}でした。そのあとに測った値も、{either(*HIGHEST)}です。"
    )
    said_en = (
        f"{len(found.high)} times it was {english.either(*VERY_HIGH)} at home."
        if found.repeated
        else f"It was {english.either(*VERY_HIGH)} at home, and {english.either(*HIGHEST)} when measured again."
    )
    return Speech(
        "血圧がとても高いときがありました",
        f"{said}{CALL}{ALARM}",
        found.reason,
        found.grounds,
        English("Your blood pressure was very high", f"{said_en} {CALL_EN} {english.ALARM}"),
    )


RULE = Rule(
    id="home_pressure_very_high",
    title="家庭血圧 180/110以上が2回、または測り直しても160/100以上",
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
