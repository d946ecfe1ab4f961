"""Self-measured glucose of 300 mg/dL or more today or yesterday."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import glucose
from advice_engine.words import amount, by, day
from store.clock import civil_day

HIGH = 300
SOURCE = glucose("著しい高血糖への対応", verified=False)


def when(facts: Facts) -> Speech | None:
    recent = [one for one in facts.glucoses if ago(facts, 1) <= civil_day(one.at) <= facts.today and one.value >= HIGH]
    if not recent:
        return None
    highest = max(recent, key=lambda one: (one.value, one.at))
    on, shown = civil_day(highest.at), amount("glucose", highest.value)
    return Speech(
        "血糖がとても高いときがありました",
        f"{day(on)}に測った血糖が{shown}でした。300 mg/dL以上の、とても高い値です。"
        "手を洗って、もう一度測ってみてください。同じように高いときは、"
        "今日のうちに主治医(いない方は内科)に電話で相談してください。"
        "吐き気がある、息が苦しい、ぼんやりするときは、119番に電話してください。"
        "お薬がある方は、今までどおり続けて、主治医の指示を聞いてください。",
        f"血糖が300 mg/dL以上でした。{by(SOURCE)}",
        (Ground("glucose", "血糖(自己測定)", shown, on.isoformat()),),
        English(
            "Your blood sugar was very high",
            f"Your blood sugar was {english.amount('glucose', highest.value)} on {english.day(on)}. From 300 "
            "mg/dL on it is very high. "
            "Wash your hands and measure again. If it is as high again, call your doctor (or a clinic) today. "
            "With nausea, trouble breathing or drowsiness, call 119. "
            "If you have medicine, keep taking it as before and do as your doctor says.",
        ),
    )


RULE = Rule(
    id="self_glucose_high",
    title="自己測定の血糖 300以上",
    kind="red_flag",
    urgency=4,
    audience="both",
    topic="self_glucose_high",
    needs=("glucoses",),
    when=when,
    rest_days=1,
    source=SOURCE,
    false_alarms="果物や菓子にさわった指での測定、古いセンサー。",
)
