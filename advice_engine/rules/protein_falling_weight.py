"""65 or older and the weight is falling a little (from 1 kg; more is a red flag): protein in every meal, in grams."""

from advice_engine.dishes import about, dishes
from advice_engine.energy import FALL_KG, HEAVY, NO_DEFICIT_AGE, loss_kg
from advice_engine.facts import Facts
from advice_engine.figures import between, middle
from advice_engine.history import answered, bmi, height_m
from advice_engine.intakes import OLDER, protein_g
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import diet
from advice_engine.words import amount, by, number, span_iso

SOURCE = diet("高齢者のたんぱく質(フレイルに備えて体重1 kgあたり1.0 g以上)", verified=False)
MENU = (("朝", ("egg", "milk")), ("昼", ("tofu",)), ("夜", ("salmon",)))


def when(facts: Facts) -> Speech | None:
    lost, mass, days = loss_kg(facts), bmi(facts), between(facts, "weight", oldest=13)
    if lost is None or mass is None or lost < FALL_KG or facts.age < OLDER or answered(facts, "q75_chokes", 1):
        return None
    weight = middle(days, at_least=3)
    aim = protein_g(facts, weight, height_m(facts))
    if weight is None or aim is None or (mass.value >= HEAVY and facts.age < NO_DEFICIT_AGE):
        return None
    menu = "、".join(f"{meal}は{'と'.join(dishes()[one].ja for one in names)}" for meal, names in MENU)
    whole = sum(dishes()[one].holds("protein_g") for _, names in MENU for one in names)
    return Speech(
        "毎食、おかずをしっかり食べましょう",
        f"体重が、2〜4か月前より{number(lost, 1)} kgへっています(今は{amount('weight', weight)})。"
        f"力のもとになるたんぱく質は、1日{about(aim, 'g', digits=0)}が目安です。{menu}。"
        f"これで{about(whole, 'g', digits=0)}になり、残りはごはんやほかのおかずからとれます。"
        "食べられないものは、肉や魚など、ほかの品にかえてください。食欲がない、むせる、体重がさらにへるときは、"
        "かかりつけの医療機関に相談してください。",
        f"体重の動きと年齢をもとにしています。{by(SOURCE)}",
        (Ground("weight", "この2週間の体重", amount("weight", weight), span_iso(days[0].day, days[-1].day)),),
        English(
            "Protein with every meal, please",
            f"You weigh {number(lost, 1)} kg less than two to four months ago. The aim is about {aim:.0f} g of "
            "protein a day. In the morning, have a boiled egg and a glass of milk. At noon, have a third of a block "
            "of tofu. In the evening, have a slice of fresh salmon. "
            f"Together they hold about {whole:.0f} g, and rice and other dishes bring the rest. Take something else "
            "in place of what you cannot eat. If you have no appetite, choke on food or lose more, ask your doctor.",
        ),
    )


RULE = Rule(
    id="protein_falling_weight",
    title="65歳以上で体重が1 kg以上へっている",
    kind="advice",
    urgency=2,
    audience="citizen",
    topic="eating_enough",
    needs=("days:weight", "checkups", "conditions"),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="自分で減量している方、むくみがとれた方、体重計が替わった、別の人が乗った。",
)
