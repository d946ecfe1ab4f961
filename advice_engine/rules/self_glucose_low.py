"""Self-measured glucose below 70 mg/dL today or yesterday."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import glucose
from advice_engine.words import amount, by, day
from store.clock import civil_day

LOW = 70
SOURCE = glucose("低血糖への対応", verified=False)


def when(facts: Facts) -> Speech | None:
    recent = [one for one in facts.glucoses if ago(facts, 1) <= civil_day(one.at) <= facts.today and one.value < LOW]
    if not recent:
        return None
    lowest = min(recent, key=lambda one: (one.value, one.at))
    on, shown = civil_day(lowest.at), amount("glucose", lowest.value)
    return Speech(
        "血糖が低いときがありました",
        f"{day(on)}に測った血糖が{shown}でした。70 mg/dLより低い値です。"
        "今も冷や汗、ふるえ、強い空腹感があれば、ブドウ糖10gか、砂糖20g(砂糖入りのジュースでも)をとってください。"
        "15分たったら、もう一度測りましょう。"
        "ぼんやりして返事ができないときは、まわりの方が119番に電話し、口には何も入れないでください。"
        "落ち着いたあとも、このことを主治医(いない方は内科)に伝えてください。",
        f"血糖が70 mg/dL未満でした。{by(SOURCE)}",
        (Ground("glucose", "血糖(自己測定)", shown, on.isoformat()),),
        English(
            "Your blood sugar was low",
            f"Your blood sugar was {english.amount('glucose', lowest.value)} on {english.day(on)}. That is below "
            "70 mg/dL. "
            "If you have cold sweat, trembling or strong hunger now, take 10 g of glucose or 20 g of sugar (a "
            "sweet juice will do). "
            "Measure again after 15 minutes. If the person is drowsy and does not answer, others should call 119 "
            "and put nothing in the mouth. When it has passed, tell your doctor (or a clinic) about it.",
        ),
    )


RULE = Rule(
    id="self_glucose_low",
    title="自己測定の血糖 70未満",
    kind="red_flag",
    urgency=4,
    audience="both",
    topic="self_glucose",
    needs=("glucoses",),
    when=when,
    rest_days=1,
    source=SOURCE,
    false_alarms="血が足りない、指が冷たい、古いセンサーなどの測り違い。",
)
