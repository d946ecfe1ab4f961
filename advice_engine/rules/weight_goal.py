"""BMI from 25 to below 35, 18 to 74 years: 3 % of the weight in three to six months, at most a kilogram a month.

The first step, for whom no scale and no goal of their own tells how it goes; then ``energy_for_weight`` knows more.
"""

from advice_engine import english
from advice_engine.activities import KCAL_PER_KG_FAT, above_rest_kcal, activities
from advice_engine.energy import GOAL_SHARE, may_lose
from advice_engine.facts import Facts
from advice_engine.figures import between, middle
from advice_engine.history import Found, latest
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import obesity
from advice_engine.vetoes import left_to_doctor
from advice_engine.words import amount, by, number

WEIGHING_DAYS, WEIGHINGS = 14, 3
KG_A_MONTH, SOONEST, LATEST = 1.0, 3, 6  # months
MORE_MINUTES = 10
YEAR = 365
SOURCE = obesity("減量目標(3〜6か月で体重の3%)。1か月1 kgまでの速さは現場の目安", verified=False)


def when(facts: Facts) -> Speech | None:
    mass, weight = may_lose(facts), _weight(facts)
    if mass is None or weight is None or _under_way(facts):
        return None
    kg = round(GOAL_SHARE * weight.value, 1)
    aim = number(weight.value - kg, 1)
    slow, fast = number(kg / LATEST, 1), number(min(kg / SOONEST, KG_A_MONTH), 1)
    walk, walk_en = _walk(facts, weight.value)
    return Speech(
        f"半年で{number(kg, 1)} kg、ゆっくり減らしませんか",
        f"今の体重は約{amount('weight', weight.value)}です。"
        f"その3%は{number(kg, 1)} kgで、めあては3〜6か月後に約{aim} kgです。"
        f"1か月に{slow}〜{fast} kgの、ゆっくりした速さです。1か月に1 kgより速くは減らさないでください。"
        f"まずは、決めた曜日の朝に週2回、体重をはかってみましょう。{walk}"
        "減らすかどうか、いつ始めるかは、ご自分のペースで大丈夫です。",
        f"BMIは{number(mass.value, 1)}で、25以上です。{by(SOURCE)}",
        (
            Ground("weight", "体重", amount("weight", weight.value), weight.on.isoformat()),
            Ground("bmi", "BMI", number(mass.value, 1), mass.on.isoformat()),
        ),
        English(
            f"{number(kg, 1)} kg in half a year, slowly",
            f"You weigh about {english.amount('weight', weight.value)}. Three percent of that is {number(kg, 1)} kg: "
            f"about {aim} kg in three to six months. Go slowly, {slow} to {fast} kg a month and never more than 1 kg. "
            f"Begin by weighing yourself on two fixed mornings a week. {walk_en}"
            "Whether and when you begin is up to you.",
        ),
    )


def _under_way(facts: Facts) -> bool:
    """Whether the person weighs in already, or has set a goal of weight."""
    weighs = len(between(facts, "weight", oldest=WEIGHING_DAYS)) >= WEIGHINGS
    return weighs or any(goal.kind == "weight" for goal in facts.goals)


def _weight(facts: Facts) -> Found | None:
    """The scale's (median of three days and more of the last 30), else the checkup's of the last year."""
    figures = between(facts, "weight", oldest=30)
    found = middle(figures, at_least=3)
    if found is not None:
        return Found("weight", round(found, 1), figures[-1].day)
    return latest(facts, "checkup_weight", within=YEAR)


def _walk(facts: Facts, kg: float) -> tuple[str, str]:
    if left_to_doctor(facts, "exercise"):
        return "", ""
    lost = above_rest_kcal(activities()["walk_stride"].mets, kg, MORE_MINUTES / 60 * 30) / KCAL_PER_KG_FAT
    return (
        f"毎日{MORE_MINUTES}分多く歩くと、計算の上では1か月に約{number(lost, 1)} kgの分になります。",
        f"Ten minutes more of walking every day come to about {number(lost, 1)} kg a month by arithmetic. ",
    )


RULE = Rule(
    id="weight_goal",
    title="BMI 25以上35未満の、3%の減量のめあて",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="weight",
    needs=("days:weight", "checkups", "conditions", "drugs", "goals"),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="筋肉の多い方、むくみのある方、すでに減量に取り組んでいる方、妊娠の記録が届いていない方。",
)
