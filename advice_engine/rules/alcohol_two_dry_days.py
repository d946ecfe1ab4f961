"""Drinks on five days a week or more, below the risk line, with pressure, γ-GT or triglycerides over theirs."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, answer_ground, checkup_day, graded, ground, listed
from advice_engine.drinking import DAILY, KNOWN, KNOWN_EN, at_risk, drinks
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import drinking
from advice_engine.words import by

METRICS = ("ggt", "office_bp_sys", "office_bp_dia", "tg_fasting")
SOURCE = drinking("飲酒量(純アルコール量)と、飲まない日をつくること")


def when(facts: Facts) -> Speech | None:
    pair = drinks(facts)
    found = [one for name in METRICS for one in graded(facts, (name,), "guidance")][:2]
    if pair is None or not found or found[0].on < ago(facts, 2 * FRESH_DAYS):
        return None
    often, much = pair
    if often.value not in DAILY or at_risk(often.value, much.value, facts.sex):
        return None
    return Speech(
        "お酒を休む日を、週に2日",
        f"{checkup_day(found[0].on)}で、{listed(found)}でした。質問票では、お酒をほぼ毎日とのお答えでした。"
        "1回の量は多くなくても、休む日があると体への負担が軽くなります。まずは、月曜と木曜のように曜日を決めてみませんか。"
        f"休む日は、炭酸水やお茶、だしのきいた温かい汁物を。{KNOWN}"
        "お薬を使っている方は、主治医にお酒のことを伝えてください。",
        f"健診の値と質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(often, "お酒を飲む回数"), *(ground(one) for one in found)),
        English(
            "Two days a week without alcohol",
            f"Your checkup on {english.day(found[0].on)} showed {english.listed(found)}. You also said that you drink "
            "on most days. Even small amounts weigh less on the body with days of rest. You could fix two days, "
            "such as Monday and Thursday. On these days, have sparkling water, tea or a warm broth. "
            f"{KNOWN_EN}If you take medicine, tell your doctor about alcohol.",
        ),
    )


RULE = Rule(
    id="alcohol_two_dry_days",
    title="お酒が週5日以上で、血圧・γ-GT・中性脂肪が目安以上",
    kind="advice",
    urgency=2,
    audience="citizen",
    topic="alcohol",
    needs=("checkups",),
    when=when,
    rest_days=21,
    source=SOURCE,
    false_alarms="答えのあとに減らした方、値が別の理由で高い方。",
    renews=True,
)
