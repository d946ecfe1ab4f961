"""The cuff's irregular-pulse mark on two days or more of the last 14."""

from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.words import by
from store.clock import civil_day
from store.model import Flag

MARK = Flag.IRREGULAR_PULSE.value
WITHIN_DAYS, LEAST_DAYS = 14, 2
SOURCE = pressure("家庭血圧測定と脈の不整(回数の目安は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    first = ago(facts, WITHIN_DAYS - 1)
    marked = (civil_day(one.at) for one in facts.pressures if one.flags & MARK)
    days = sorted({on for on in marked if first <= on <= facts.today})
    if len(days) < LEAST_DAYS:
        return None
    return Speech(
        "脈のことを、内科で相談しましょう",
        f"血圧計に「脈のみだれ」の印が、この2週間で{len(days)}日出ました。"
        "体が動いたときなどにも、この印は出ます。念のため、1か月のうちに内科で脈をみてもらいましょう。"
        "動悸、息切れ、めまい、気が遠くなる感じがあるときは、早めに受診してください。",
        f"血圧計の印が2日以上ありました。{by(SOURCE)}",
        tuple(Ground("pulse", "血圧計の脈のみだれの印", "印あり", on.isoformat()) for on in days[-5:]),
        English(
            "Please ask a doctor about your pulse",
            f"Your blood pressure meter showed its mark for an uneven pulse on {len(days)} days of the last two weeks. "
            "The mark also appears when the body moves. To be sure, have a doctor feel your pulse within a month. "
            "With a racing heart, breathlessness, dizziness or faintness, please go soon.",
        ),
    )


RULE = Rule(
    id="irregular_pulse",
    title="血圧計の脈のみだれの印が2日以上",
    kind="referral",
    urgency=2,
    audience="both",
    topic="pulse",
    needs=("pressures",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="測定中の体の動きや会話、よくある心配のない脈の飛び。すでに通院している方。",
    clinic_first=True,
)
