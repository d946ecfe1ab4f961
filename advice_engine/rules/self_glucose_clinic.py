"""Self-measured glucose of 200 mg/dL and more, below 300, in somebody of whom no treatment is known."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.history import has_condition, treated
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import glucose
from advice_engine.words import amount, by, day
from store.clock import civil_day

LINE, WITHIN_DAYS = 200, 14
SOURCE = glucose("糖尿病型の随時血糖200 mg/dL以上(日数は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    first = ago(facts, WITHIN_DAYS - 1)
    found = [one for one in facts.glucoses if first <= civil_day(one.at) <= facts.today and one.value >= LINE]
    if not found or treated(facts, "glucose") or has_condition(facts, "diabetes"):
        return None
    highest = max(found, key=lambda one: (one.value, one.at))
    on, shown = civil_day(highest.at), amount("glucose", highest.value)
    return Speech(
        "血糖のことで、内科に相談しましょう",
        f"{day(on)}に測った血糖が{shown}でした。200 mg/dL以上は、食事のあとでも受診がすすめられる値です。"
        "まだ受診していない方は、早めに内科で血糖の検査を受けてください。測った記録を見せましょう。"
        "通院中の方は、お薬を今までどおり続けて、主治医に記録を見せてください。",
        f"血糖が200 mg/dL以上でした。{by(SOURCE)}",
        (Ground("glucose", "血糖(自己測定)", shown, on.isoformat()),),
        English(
            "Please ask a doctor about your blood sugar",
            f"Your blood sugar was {english.amount('glucose', highest.value)} on {english.day(on)}. "
            "From 200 mg/dL on a visit is advised, even after a meal. If you have not been yet, have your blood "
            "sugar tested soon, "
            "and show the record. If you are under treatment, keep taking your medicine as before and show your "
            "doctor the record.",
        ),
    )


RULE = Rule(
    id="self_glucose_clinic",
    title="自己測定の血糖 200以上(治療の記録なし)",
    kind="referral",
    urgency=3,
    audience="both",
    topic="self_glucose_high",
    needs=("glucoses", "checkups", "conditions", "drugs"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="治療中でも記録が届いていない方、果物や菓子にさわった指での測定。",
    clinic_first=True,
)
