"""From 65 on and on treatment: the HbA1c target is one's own, to be asked of the doctor."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, ground, listed
from advice_engine.facts import Facts
from advice_engine.history import latest, treated
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import glucose_older
from advice_engine.words import by

SOURCE = glucose_older("目標は年齢、認知機能、日常の動作、薬で分かれる")
OLDER = 65


def when(facts: Facts) -> Speech | None:
    found = latest(facts, "hba1c", within=FRESH_DAYS)
    if found is None or facts.age < OLDER or not treated(facts, "glucose"):
        return None
    return Speech(
        "HbA1cの「自分の目標」を聞いてみましょう",
        f"{checkup_day(found.on)}で、{listed([found])}でした。"
        "65歳以上で治療中の方の目標は、年齢や体の調子、お薬によって一人ひとり違います。若い方と同じとはかぎりません。"
        "お薬は今までどおり続けて、次の受診で主治医に「わたしの目標はいくつですか」と聞いてみましょう。",
        f"{listed([found])}。{by(SOURCE)}",
        (ground(found),),
        English(
            "Ask for your own HbA1c target",
            f"Your checkup on {english.day(found.on)} showed {english.listed([found])}. From 65 on, the target under "
            "treatment differs with age, health and medicine, and need not be that of younger people. Keep taking your "
            "medicine as before, and at your next visit ask your doctor what your own target is.",
        ),
    )


RULE = Rule(
    id="hba1c_goal_older",
    title="65歳以上で治療中の方のHbA1cの目標",
    kind="information",
    urgency=0,
    audience="citizen",
    topic="treatment_glucose",
    needs=("checkups", "drugs"),
    when=when,
    rest_days=365,
    source=SOURCE,
    false_alarms="もう主治医と目標を決めている方。",
    renews=True,
)
