"""No checkup for more than thirteen months, or none at all that has reached us: told once a fiscal year, kindly.

Of whom no checkup is known, only who has measured for three weeks: a result may be on its way to who has just begun.
"""

from datetime import date

from advice_engine import english
from advice_engine.checkup_values import checkup_day
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.history import checkups
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by
from store.clock import civil_day

SOURCE = checkup("特定健診は40〜74歳に年度に1回、75歳からは後期高齢者健診(日数は本システムの設定)")
DUE_DAYS, LONG_DAYS, FROM, LATER = 400, 1100, 40, 75
SETTLED_DAYS = 21
APRIL = 4


def when(facts: Facts) -> Speech | None:
    newest = next((one.examined_on for one in checkups(facts)), None)
    silent = newest >= ago(facts, DUE_DAYS) if newest else not _settled(facts)
    if facts.age < FROM or silent:
        return None
    ja, en = _last(facts, newest)
    which = "後期高齢者の健診" if facts.age >= LATER else "特定健診"
    return Speech(
        "今年の健診は、もう受けましたか",
        f"{ja}健診は年に1回、体のようすを確かめるよい機会です。"
        f"まだの方は、届いている{which}の受診券か、市の窓口で申し込めます。"
        "もう受けた方や、職場などで受けている方は、そのままで大丈夫です。",
        f"この1年あまり、健診の結果が届いていません。{by(SOURCE)}",
        _grounds(facts, newest),
        English(
            "Have you had this year's checkup?",
            f"{en}Once a year is a good time to see how you are. You can sign up with the voucher you were sent, or "
            "at the city office. If you have been, or go at work or elsewhere, nothing more is needed.",
        ),
    )


def _settled(facts: Facts) -> bool:
    measured = [one.day for figures in facts.days.values() for one in figures]
    measured += [civil_day(one.at) for one in facts.pressures]
    measured += [civil_day(one.at) for one in facts.glucoses]
    return min(measured, default=facts.today) <= ago(facts, SETTLED_DAYS)


def _last(facts: Facts, newest: date | None) -> tuple[str, str]:
    if newest is None:
        return "健診の結果は、まだこちらに届いていません。", "No result of a checkup has reached us yet. "
    long = newest < ago(facts, LONG_DAYS)
    passed, since = ("3年以上", "more than three years") if long else ("1年以上", "more than a year")
    return (
        f"こちらに届いているいちばん新しい結果は、{checkup_day(newest)}です。{passed}たっています。",
        f"The newest result that has reached us is of {english.day(newest)}, {since} ago. ",
    )


def _grounds(facts: Facts, newest: date | None) -> tuple[Ground, ...]:
    """The fiscal year is among them: from April on, who never goes is told anew."""
    year = facts.today.year - (facts.today.month < APRIL)
    this = Ground("checkup", "今年度の健診の結果", "届いていません", date(year, APRIL, 1).isoformat())
    before = (Ground("checkup", "前の健診", "受けた日", newest.isoformat()),) if newest else ()
    return *before, this


RULE = Rule(
    id="checkup_due",
    title="前の健診から13か月以上たった、または健診の結果が届いたことがない",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="checkup_due",
    needs=("checkups", "days", "pressures", "glucoses"),
    when=when,
    rest_days=90,
    source=SOURCE,
    false_alarms="結果がまだ届いていない方、職場や人間ドックで受けた方。",
    renews=True,
)
