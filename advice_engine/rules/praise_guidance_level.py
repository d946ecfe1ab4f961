"""This year's 特定保健指導 level is lighter than the one of the year before, without medicine."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.history import checkups, treated
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.stratify import LEVELS, from_checkup, stratify
from advice_engine.words import by

SOURCE = checkup("保健指導対象者の階層化")
LEVEL_EN = {2: "one-time support", 3: "no support needed"}
JUDGED = (1, 2, 3)


def when(facts: Facts) -> Speech | None:
    both = checkups(facts)[:2]
    if len(both) < 2 or both[0].examined_on < ago(facts, FRESH_DAYS) or not 300 <= _apart(facts) <= 800:
        return None
    if any(treated(facts, what) for what in ("bp", "glucose", "lipid")):
        return None
    now, before = (stratify(from_checkup(one, facts.sex, facts.birth_date)) for one in both)
    if before.level_code not in JUDGED or now.level_code not in JUDGED or now.level_code <= before.level_code:
        return None
    on = both[0].examined_on
    return Speech(
        "健診の結果が、前の年よりよくなりました",
        f"{checkup_day(on)}では、"
        f"特定保健指導の判定が「{before.level_ja}」から「{LEVELS[now.level_code]}」になりました。"
        "この1年の取り組みが、結果に表れています。続けてこられたことを、これからも大切にしてください。",
        f"2回の健診の判定をくらべました。{by(SOURCE)}",
        (
            Ground("guidance_level", "今回の判定", now.level_ja, on.isoformat()),
            Ground("guidance_level", "前回の判定", before.level_ja, both[1].examined_on.isoformat()),
        ),
        English(
            "Your checkup is better than the year before",
            f"At your checkup on {english.day(on)} the guidance level became lighter: {LEVEL_EN[now.level_code]}. "
            "What you did this year shows in the result. Please keep to what has worked for you.",
        ),
    )


def _apart(facts: Facts) -> int:
    newest, before, *_ = checkups(facts)
    return (newest.examined_on - before.examined_on).days


RULE = Rule(
    id="praise_guidance_level",
    title="特定保健指導の判定が前の年より軽くなった",
    kind="praise",
    urgency=1,
    audience="citizen",
    topic="praise_checkup",
    needs=("checkups", "drugs"),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="65歳になって判定の決まりが変わった方、治療を始めたのに記録が届いていない方。",
    renews=True,
)
