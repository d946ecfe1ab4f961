"""On treatment for glucose: eyes and urine looked at once a year."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, newest_with
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.history import treated
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import glucose
from advice_engine.words import by

SOURCE = glucose("定期の検査(眼底、尿アルブミン)", verified=False)


def when(facts: Facts) -> Speech | None:
    newest = newest_with(facts, ("hba1c", "fpg", "q_med_glucose"))
    if newest is None or newest.examined_on < ago(facts, 2 * FRESH_DAYS) or not treated(facts, "glucose"):
        return None
    on = newest.examined_on
    return Speech(
        "年に1回、目と尿の検査を受けていますか",
        f"{checkup_day(on)}などから、血糖の治療を受けている方にお伝えしています。"
        "見え方に困っていなくても、年に1回は眼科で目の奥を見てもらいましょう。"
        "尿の検査は、かかりつけの内科で受けられます。受けた日を、手帳に書いておくと安心です。"
        "お薬は今までどおり続けてください。",
        f"血糖の治療中の方への目安です。{by(SOURCE)}",
        (Ground("q_med_glucose", "血糖の治療", "治療中", on.isoformat()),),
        English(
            "Eyes and urine: looked at once a year?",
            f"This is for people treated for blood sugar, as your checkup on {english.day(on)} or your records "
            "show. Even if you "
            "see well, have an eye doctor look at the back of your eyes once a year. Your family doctor can test the "
            "urine. Keep taking your medicine as before.",
        ),
    )


RULE = Rule(
    id="yearly_eyes_and_urine",
    title="血糖の治療中の方の、年1回の目と尿の検査",
    kind="information",
    urgency=0,
    audience="citizen",
    topic="yearly_eyes_and_urine",
    needs=("checkups", "drugs"),
    when=when,
    rest_days=365,
    source=SOURCE,
    false_alarms="もう毎年受けている方。",
    renews=True,
)
