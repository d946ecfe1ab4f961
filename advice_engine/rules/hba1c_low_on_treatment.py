"""From 65 on with insulin or SU (by YJ code), and HbA1c below the floor of the elderly targets."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, ground, listed
from advice_engine.facts import Facts
from advice_engine.history import latest, takes
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import glucose_older
from advice_engine.words import by

SOURCE = glucose_older("重症低血糖が危惧される薬剤を使うときの下限")
OLDER, OLDEST = 65, 75
FLOOR, FLOOR_OLDEST = 6.5, 7.0  # category I; the doctor knows the person's own


def when(facts: Facts) -> Speech | None:
    found = latest(facts, "hba1c", within=FRESH_DAYS)
    if found is None or facts.age < OLDER or not takes(facts, "hypoglycaemic"):
        return None
    if found.value >= (FLOOR_OLDEST if facts.age >= OLDEST else FLOOR):
        return None
    return Speech(
        "HbA1cのことを、早めに主治医に聞いてみましょう",
        f"{checkup_day(found.on)}で、{listed([found])}でした。低ければ低いほどよい、というわけではありません。"
        "65歳以上の方の目標は、年齢やお薬、暮らしによって一人ひとり違います。"
        "お薬は今までどおり続けて、1か月のうちに主治医に「わたしの目標はいくつですか」と聞いてみてください。"
        "冷や汗、ふるえ、急な空腹感があったことも伝えましょう。",
        f"{listed([found])}。{by(SOURCE)}",
        (ground(found),),
        English(
            "Please ask your doctor about your HbA1c",
            f"Your checkup on {english.day(found.on)} showed {english.listed([found])}. Lower is not always "
            "better. From 65 on "
            "the target differs with age, medicine and daily life. Keep taking your medicine as before, and "
            "within a month "
            "ask your doctor what your own target is. Tell them if you had cold sweats, trembling or sudden hunger.",
        ),
    )


RULE = Rule(
    id="hba1c_low_on_treatment",
    title="65歳以上で、低血糖に気をつける薬があり、HbA1cが下限より低い",
    kind="referral",
    urgency=2,
    audience="both",
    topic="treatment_glucose",
    needs=("checkups", "drugs"),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="その薬をもう使っていない方、貧血などでHbA1cが実際と合わない方。",
    renews=True,
)
