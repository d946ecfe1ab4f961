"""BMI below 21.5 at 65 or older: eat enough, protein at every meal. Silent with kidney signs."""

from advice_engine.dishes import about, dishes
from advice_engine.facts import Facts
from advice_engine.history import Found, bmi, height_m, kidney_signs
from advice_engine.intakes import OLDER, protein_g, thin
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import diet
from advice_engine.words import by, number

SOURCE = diet("目標とするBMI(65歳以上 21.5〜24.9)")


def when(facts: Facts) -> Speech | None:
    found = bmi(facts)
    if found is None or facts.age < OLDER or not thin(found.value, facts.age) or kidney_signs(facts):
        return None
    return _speech(facts, found)


def _speech(facts: Facts, found: Found) -> Speech:
    height, (egg, milk) = height_m(facts), (dishes()[name].holds("protein_g") for name in ("egg", "milk"))
    aim = protein_g(facts, found.value * height**2 if height else None, height)
    whole = f"たんぱく質の目安は1日{about(aim, 'g', digits=0)}です。" if aim else ""
    whole_en = f"The aim is about {aim:.0f} g of protein a day. " if aim else ""
    return Speech(
        "毎食、おかずを1品しっかり食べましょう",
        f"BMI(身長に見合う体重かどうかの値)は{number(found.value, 1)}です。65歳からの目安は21.5から24.9です。"
        f"少し細めの方は、しっかり食べることが大切です。{whole}"
        "毎食、卵、豆腐、魚、肉のどれか1品をとりましょう。"
        f"まずは朝食に、卵1個(たんぱく質{about(egg, 'g', digits=0)})か牛乳コップ1杯({about(milk, 'g', digits=0)})を"
        "足してみませんか。"
        "食欲がない、かみにくいときは、かかりつけの医療機関に相談してください。",
        f"BMIが21.5より低めです。{by(SOURCE)}",
        (Ground("bmi", "BMI", number(found.value, 1), found.on.isoformat()),),
        English(
            "A good dish with every meal, please",
            f"Your BMI is {number(found.value, 1)}. From 65 years on the aim is 21.5 to 24.9. When one is rather thin, "
            f"eating well matters. {whole_en}Have egg, tofu, fish or meat with every meal. "
            f"You could begin with an egg (about {egg:.0f} g of protein) or a glass of milk (about {milk:.0f} g) at "
            "breakfast. If you have no appetite or chewing is hard, ask your doctor.",
        ),
    )


RULE = Rule(
    id="eat_enough",
    title="65歳以上でBMIが21.5未満",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="eating_enough",
    needs=("days:weight", "checkups", "conditions"),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="もともと細くて元気な方、背が縮んで身長の値が古い方。",
)
