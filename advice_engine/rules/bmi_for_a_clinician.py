"""BMI of 35 or more, or below 17: weight is a matter for a clinician, not for automatic advice."""

from advice_engine.facts import Facts
from advice_engine.history import bmi
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import obesity
from advice_engine.vetoes import ADULT, VERY_HIGH_BMI, VERY_LOW_BMI
from advice_engine.words import by, number

SOURCE = obesity("高度肥満(BMI 35以上)。BMI 17未満の線は未確認", verified=False)


def when(facts: Facts) -> Speech | None:
    found = bmi(facts)
    if found is None or facts.age < ADULT or VERY_LOW_BMI <= found.value < VERY_HIGH_BMI:
        return None
    aim = "体重を増やす" if found.value < VERY_LOW_BMI else "体重を減らす"
    return Speech(
        "体重のことは、医療機関といっしょに考えましょう",
        f"BMI(身長に見合う体重かどうかの値)は{number(found.value, 1)}でした。"
        f"{aim}方法は、自分ひとりで決めず、医療機関といっしょに決めるのが安心です。"
        "次にかかりつけの医療機関に行くとき、相談してみてください。市の保健師にも相談できます。",
        f"BMIが35以上、または17未満です。{by(SOURCE)}",
        (Ground("bmi", "BMI", number(found.value, 1), found.on.isoformat()),),
        English(
            "Weight: a matter to plan with a clinic",
            f"Your BMI (weight for your height) was {number(found.value, 1)}. "
            f"How to {'gain' if found.value < VERY_LOW_BMI else 'lose'} weight is better planned with a clinic "
            "than alone. "
            "Please ask at your next visit. The city's nurses will help you too.",
        ),
    )


RULE = Rule(
    id="bmi_for_a_clinician",
    title="BMI 35以上、または17未満",
    kind="referral",
    urgency=2,
    audience="both",
    topic="weight_level",
    needs=("days:weight", "checkups"),
    when=when,
    rest_days=90,
    source=SOURCE,
    false_alarms="身長の入力違い、別の人が乗った体重計、筋肉の多い方、もともと細くて元気な方。",
    clinic_first=True,
)
