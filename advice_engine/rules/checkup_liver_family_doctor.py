"""ALT above 30 U/L, below the 受診勧奨 line: tell the family doctor (奈良宣言2023)."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, graded, ground, since
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import liver
from advice_engine.words import amount, by

SOURCE = liver("ALT 30超でかかりつけ医へ", verified=False)


def when(facts: Facts) -> Speech | None:
    found = graded(facts, ("alt",), "guidance")
    if not found or found[0].on < ago(facts, 2 * FRESH_DAYS):
        return None
    alt = found[0]
    return Speech(
        "肝臓の値を、かかりつけの先生に伝えましょう",
        f"{checkup_day(alt.on)}で、ALT(肝臓の値)が{amount('alt', alt.value)}でした。30を少し超えています。"
        f"{since(alt.on, facts.today)}急ぐ必要はありません。"
        "次にかかりつけの医療機関に行くとき、健診の結果を見せて相談してください。",
        f"ALTが30 U/Lを超えています。{by(SOURCE)}",
        (ground(alt),),
        English(
            "Please tell your family doctor about your liver value",
            f"Your checkup on {english.day(alt.on)} showed {english.listed(found)}. That is a little above 30. "
            f"{english.since(alt.on, facts.today)}There is no hurry. Show the result at your next visit to the "
            "family doctor.",
        ),
    )


RULE = Rule(
    id="checkup_liver_family_doctor",
    title="ALTが30を超えている",
    kind="referral",
    urgency=1,
    audience="citizen",
    topic="checkup_liver",
    needs=("checkups",),
    when=when,
    rest_days=90,
    source=SOURCE,
    false_alarms="激しい運動のあとの採血。すでに相談した方。",
    renews=True,
)
