"""BMI below 21.5 at 65 or older: something with protein between meals. Silent with signs of kidneys or glucose."""

from advice_engine.dishes import about, dishes
from advice_engine.facts import Facts
from advice_engine.history import answered, bmi, diabetes_signs, kidney_signs
from advice_engine.intakes import OLDER, intake
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import diet
from advice_engine.words import by, number

SOURCE = diet("目標とするBMI(65歳以上 21.5〜24.9)。間食の献立は本システムの例", verified=False)


def when(facts: Facts) -> Speech | None:
    found, row = bmi(facts), intake(facts.sex, facts.age)
    if found is None or row is None or facts.age < OLDER or found.value >= row.bmi_from:
        return None
    if kidney_signs(facts) or diabetes_signs(facts) or answered(facts, "q75_chokes", 1):
        return None
    names = ("yogurt", "cheese", "custard")
    kcal = {name: dishes()[name].holds("kcal") for name in names}
    protein = {name: dishes()[name].holds("protein_g") for name in names}
    listed = "".join(
        f"{dishes()[n].ja}は{about(kcal[n], 'kcal')}(たんぱく質{about(protein[n], 'g', digits=0)})です。" for n in names
    )
    listed_en = ", ".join(f"{dishes()[n].en}, about {round(kcal[n], -1):.0f} kcal" for n in names)
    return Speech(
        "10時と3時に、小さな一品を足しませんか",
        f"BMI(身長に見合う体重かどうかの値)は{number(found.value, 1)}で、65歳からの目安(21.5〜24.9)より少し細めです。"
        "一度にたくさん食べられないときは、10時か3時に小さな一品を足しましょう。"
        f"{listed}きな粉をかけるのもよい方法です。"
        "食欲がない、体重がへり続けるときは、かかりつけの医療機関に相談してください。",
        f"BMIが目安より低めです。{by(SOURCE)}",
        (Ground("bmi", "BMI", number(found.value, 1), found.on.isoformat()),),
        English(
            "A small snack in the morning or afternoon?",
            f"Your BMI is {number(found.value, 1)}. From 65 years on the aim is 21.5 to 24.9. "
            "If you cannot eat much at once, add something small between meals. "
            f"For example: {listed_en}. "
            "If you have no appetite or keep losing weight, ask your doctor.",
        ),
    )


RULE = Rule(
    id="snack_for_thin",
    title="65歳以上でBMIが21.5未満(間食で補う)",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="between_meals",
    needs=("days:weight", "checkups", "conditions", "drugs"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="もともと細くて元気な方、背が縮んで身長の値が古い方、乳製品が合わない方。",
)
