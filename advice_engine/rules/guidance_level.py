"""What the newest checkup means for 特定保健指導 (ages 40-74 at the end of the fiscal year)."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day
from advice_engine.facts import Checkup, Facts
from advice_engine.figures import ago
from advice_engine.history import checkups, treated
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup, checkup_of
from advice_engine.stratify import LEVELS, LINES, Outcome, compare, from_checkup, stratify
from advice_engine.words import by

SOURCE = checkup("保健指導対象者の階層化")
HELP = (
    "保健師や管理栄養士が、食事や運動をいっしょに考えます。"
    "案内が届いたら、ぜひ申し込んでください。費用などは案内にあります。"
)
NEXT = {
    1: f"3か月以上、続けて相談できる支援(積極的支援)の対象です。{HELP}",
    2: f"目標をいっしょに立てる支援(動機付け支援)の対象です。{HELP}",
    3: "特定保健指導の対象ではありませんでした。これからも年に1回、健診を受けましょう。",
    4: "判定に必要な項目が足りませんでした。健診を受けたところか、市の保健師に相談してください。",
}
SHEET_EN = " The result sheet says otherwise, and the sheet is the official one."
HELP_EN = "A nurse or dietitian plans meals and movement with you. Please sign up when the letter comes."
NEXT_EN = {
    1: f"You can have support for three months or more. {HELP_EN}",
    2: f"You can have support in setting a goal. {HELP_EN}",
    3: "No special guidance is needed. Please go on having a checkup every year.",
    4: "Something needed for the verdict was missing. Please ask where you were examined, or the city's nurses.",
}
TREATED = "お薬を使っている方は、特定保健指導ではなく、主治医のもとで続けて相談します。"


def when(facts: Facts) -> Speech | None:
    newest = next(iter(checkups(facts)), None)
    if newest is None or facts.age > LINES["ages"]["to"]:  # 75 since the checkup: the programme is no longer theirs
        return None
    outcome = stratify(from_checkup(newest, facts.sex, facts.birth_date))
    if outcome.level_code is None:
        return None
    return Speech(
        "特定保健指導の判定のお知らせ",
        f"{_body(facts, newest, outcome)}{_document(newest) if compare(outcome, newest).level is False else ''}",
        f"保健指導レベルは「{outcome.level_ja}」です。{by(checkup_of(newest.examined_on, SOURCE.section))}",
        (Ground("guidance_level", "保健指導レベル", outcome.level_ja, newest.examined_on.isoformat()),),
        English(
            "Your level of health guidance",
            f"This is about your checkup on {english.day(newest.examined_on)}. {NEXT_EN[outcome.level_code]}"
            f"{'' if compare(outcome, newest).level is not False else SHEET_EN}",
        ),
    )


def _body(facts: Facts, newest: Checkup, outcome: Outcome) -> str:
    on = checkup_day(newest.examined_on)
    if newest.examined_on < ago(facts, FRESH_DAYS):
        return (
            f"{on}の結果では、特定保健指導の判定は「{outcome.level_ja}」でした。1年より前の健診です。"
            "今年度の健診を受けて、今の体のようすを確かめましょう。"
        )
    drugs = outcome.level_code != 4 and any(treated(facts, what) for what in ("bp", "glucose", "lipid"))
    return f"{on}の結果から、{NEXT[outcome.level_code or 4]}{TREATED if drugs else ''}"


def _document(newest: Checkup) -> str:
    theirs = LEVELS.get(int(newest.values["guidance_level"]), "別の判定")
    return f"健診の結果票には「{theirs}」とあります。結果票のほうが正式な判定です。"


RULE = Rule(
    id="guidance_level",
    title="特定保健指導の判定",
    kind="information",
    urgency=0,
    audience="citizen",
    topic="guidance_level",
    needs=("checkups", "drugs"),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="健診のあとに治療を始めた方、年度の途中で75歳になる方、加入する保険が替わった方。",
    renews=True,
)
