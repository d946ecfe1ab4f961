"""Checkup uric acid above 7.0 mg/dL; the checkup programme itself draws no line."""

from advice_engine import english
from advice_engine.change import moved
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, ground, listed
from advice_engine.facts import Facts
from advice_engine.history import latest
from advice_engine.rule import English, Rule, Source, Speech
from advice_engine.vetoes import left_to_doctor
from advice_engine.words import by

SOURCE = Source("高尿酸血症・痛風の治療ガイドライン第3版", 2018, "血清尿酸値 7.0 mg/dL", verified=False)
LINE, CLINIC, ADULT = 7.0, 8.0, 20
DO = "甘い飲み物やお酒を、水やお茶に1日1杯かえてみましょう。"
DO_EN = "Once a day, you could have water or tea in place of a sweet or alcoholic drink. "


def when(facts: Facts) -> Speech | None:
    found = latest(facts, "uric_acid", within=FRESH_DAYS)
    if found is None or found.value <= LINE or facts.age < ADULT:
        return None
    move, do, do_en = moved(facts, found), DO, DO_EN
    if left_to_doctor(facts, "diet"):
        do, do_en = "", ""
    ask = (
        "1か月のうちに内科で相談しましょう。" if found.value >= CLINIC else "次に内科に行くときに、相談してみましょう。"
    )
    ask_en = "Please ask a doctor within a month." if found.value >= CLINIC else "Ask at your next visit to the doctor."
    return Speech(
        "尿酸の値を、ふり返ってみましょう",
        f"{checkup_day(found.on)}で、{listed([found])}でした。目安は7.0 mg/dL以下です。"
        f"{move.words if move else ''}{do}{ask}"
        "足の指などが急にはれて痛むときは、早めに受診してください。",
        f"{listed([found])}。{by(SOURCE)}",
        (ground(found),),
        English(
            "A look at your uric acid",
            f"Your checkup on {english.day(found.on)} showed {english.listed([found])}. The usual line is 7.0 mg/dL. "
            f"{move.english if move else ''}{do_en}{ask_en} If a toe or joint suddenly swells and hurts, see a "
            "doctor soon.",
        ),
    )


RULE = Rule(
    id="feedback_uric_acid",
    title="健診の尿酸 7.0を超える",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="feedback_uric_acid",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="採血の前の激しい運動や脱水、前の日の飲酒。",
    renews=True,
)
