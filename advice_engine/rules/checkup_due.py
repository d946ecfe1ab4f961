"""The newest checkup is more than thirteen months old."""

from advice_engine import english
from advice_engine.checkup_values import checkup_day
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.history import checkups
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

SOURCE = checkup("特定健診は年度に1回(日数は本システムの設定)")
DUE_DAYS, LONG_DAYS, FROM = 400, 1100, 40


def when(facts: Facts) -> Speech | None:
    newest = next(iter(checkups(facts)), None)
    if newest is None or facts.age < FROM or not ago(facts, LONG_DAYS) <= newest.examined_on < ago(facts, DUE_DAYS):
        return None
    on = newest.examined_on
    return Speech(
        "今年の健診は、もう受けましたか",
        f"こちらに届いているいちばん新しい結果は、{checkup_day(on)}です。1年以上たっています。"
        "健診は年に1回、体のようすを確かめるよい機会です。まだの方は、届いている受診券か、市の窓口で申し込めます。"
        "もう受けた方は、結果が届くまでお待ちください。",
        f"前の健診から1年以上たっています。{by(SOURCE)}",
        (Ground("checkup", "前の健診", "受けた日", on.isoformat()),),
        English(
            "Have you had this year's checkup?",
            f"The newest result that has reached us is of {english.day(on)}, more than a year ago. Once a year "
            "is a good "
            "time to see how you are. You can sign up with the voucher you were sent, or at the city office. If you "
            "have just been, please wait for the result to arrive.",
        ),
    )


RULE = Rule(
    id="checkup_due",
    title="前の健診から13か月以上たった",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="checkup_due",
    needs=("checkups",),
    when=when,
    rest_days=90,
    source=SOURCE,
    false_alarms="結果がまだ届いていない方、職場や人間ドックで受けた方。",
    renews=True,
)
