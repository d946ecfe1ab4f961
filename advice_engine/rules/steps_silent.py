"""Has a pedometer that sent steps before, and none for a week."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import between
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import activity
from advice_engine.vetoes import ADULT
from advice_engine.words import by, day
from store.metrics import STEP_METRICS

SILENT = 7  # days
SOURCE = activity("歩数などで自分の活動量を知ること(日数は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    known = between(facts, "steps", oldest=120)
    if facts.age < ADULT or not facts.devices.intersection(STEP_METRICS) or not known:
        return None
    last = known[-1].day
    if (facts.today - last).days < SILENT:
        return None
    return Speech(
        "歩数計を、1日つけてみませんか",
        f"最後に歩数が届いた日は{day(last)}です。お変わりありませんか。"
        "まずは明日1日、起きたらすぐ、いつもの服のポケットか腰につけてみましょう。"
        "置き場所を、玄関やかぎの横に決めておくと忘れにくくなります。"
        "つけているのに届かないときは、電池と通信の印を見てください。分からないときは、市の窓口に電話してください。",
        f"登録された歩数計からの記録をみています。{by(SOURCE)}",
        (Ground("steps", "最後の歩数の記録", "記録あり", last.isoformat()),),
        English(
            "How about carrying your pedometer for one day?",
            f"The last steps arrived on {english.day(last)}. We hope that you are well. "
            "Tomorrow, put it into your usual pocket or on your belt as soon as you get up. "
            "Keep it beside your keys or at the door, so that you do not forget it. "
            "If you carry it and nothing arrives, look at the battery and the radio sign, or call the city's desk.",
        ),
    )


RULE = Rule(
    id="steps_silent",
    title="歩数計から7日間記録がない(前は届いていた)",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="carry_pedometer",
    needs=("devices", "days:steps"),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="旅行や入院中の方、歩数計の電池切れや通信の不調、病気で休んでいる方。",
)
