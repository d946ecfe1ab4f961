"""What the メタボ判定 of the newest checkup means."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.history import checkups
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup, checkup_of
from advice_engine.stratify import METABO, compare, from_checkup, stratify
from advice_engine.words import by

SOURCE = checkup("メタボリックシンドロームの判定")
ADULT = 20  # the waist lines are for adults
MEANS = {
    1: "おなかまわりに加えて、血圧・血糖・脂質のうち2つ以上が目安を超えている、という意味です。",
    2: "おなかまわりに加えて、血圧・血糖・脂質のうち1つが目安を超えている、という意味です。",
    3: "おなかまわりと、血圧・血糖・脂質の組み合わせでは、目安に入っていませんでした。",
}
MEANS_EN = {
    1: "Besides the waist, two or more of blood pressure, blood sugar and fats are over their lines.",
    2: "Besides the waist, one of blood pressure, blood sugar and fats is over its line.",
    3: "Waist, blood pressure, blood sugar and fats together are not over the lines.",
}
NEXT = "健診のほかの値も、あわせて見てください。気になることは、市の保健師に相談できます。"


def when(facts: Facts) -> Speech | None:
    newest = next(iter(checkups(facts)), None)
    if newest is None or facts.age < ADULT:
        return None
    outcome = stratify(from_checkup(newest, facts.sex, facts.birth_date))
    if outcome.metabo_code not in MEANS:
        return None
    differs = compare(outcome, newest).metabo is False
    theirs = METABO.get(int(newest.values.get("metabo", 0)), "別の判定")
    old = newest.examined_on < ago(facts, FRESH_DAYS)
    return Speech(
        "メタボ判定のお知らせ",
        f"{checkup_day(newest.examined_on)}のメタボ判定は「{outcome.metabo_ja}」です。"
        f"{MEANS[outcome.metabo_code]}{NEXT}"
        f"{f'健診の結果票には「{theirs}」とあります。結果票のほうが正式な判定です。' if differs else ''}"
        f"{'1年より前の健診です。' if old else ''}",
        f"メタボ判定は「{outcome.metabo_ja}」です。{by(checkup_of(newest.examined_on, SOURCE.section))}",
        (Ground("metabo", "メタボ判定", outcome.metabo_ja, newest.examined_on.isoformat()),),
        English(
            "Your metabolic syndrome check",
            f"This is about your checkup on {english.day(newest.examined_on)}. {MEANS_EN[outcome.metabo_code]} "
            f"{'The result sheet says otherwise, and the sheet is the official verdict. ' if differs else ''}"
            "Look at the other values too. The city's nurses will answer your questions.",
        ),
    )


RULE = Rule(
    id="metabo_verdict",
    title="メタボ判定",
    kind="information",
    urgency=0,
    audience="citizen",
    topic="metabo_verdict",
    needs=("checkups",),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="妊娠中や腹水などで腹囲が変わる方、健診のあとに治療を始めた方。",
    renews=True,
)
