"""A finding in the checkup's ECG: what it means is said by the examining doctor, never here."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

SOURCE = checkup("詳細な健診の項目(心電図)")


def when(facts: Facts) -> Speech | None:
    found = answered(facts, "ecg_finding", 1)
    if found is None:
        return None
    return Speech(
        "心電図の結果は、健診の医師の説明を確かめましょう",
        f"{checkup_day(found.on)}の心電図に「所見あり」と書かれています。心配のいらない所見も多くあります。"
        "どうすればよいかは、結果票にある医師の判定に書いてあります。「受診」や「精密検査」とある方は、"
        "早めに受けてください。"
        "胸の痛み、動悸、気が遠くなる感じがあるときは、判定にかかわらず受診してください。",
        f"健診の心電図の所見をもとにしています。{by(SOURCE)}",
        (answer_ground(found, "心電図の所見"),),
        English(
            "Your ECG: look at what the checkup doctor wrote",
            f"The ECG of your checkup on {english.day(found.on)} has a finding. Many findings need no worry. "
            "What to do is written in the doctor's verdict on your result sheet. If it asks for a visit or more tests, "
            "please go soon. With chest pain, a racing heart or faintness, see a doctor whatever the sheet says.",
        ),
    )


RULE = Rule(
    id="feedback_ecg",
    title="健診の心電図に所見がある",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="feedback_ecg",
    needs=("checkups",),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="前から分かっていて、医師が経過をみている所見。",
    renews=True,
)
