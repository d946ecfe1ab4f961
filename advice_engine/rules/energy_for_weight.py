"""BMI from 25 below 35, ages 18 to 74, nothing against it: how much less a day, at most 3 % in half a year."""

from advice_engine.dishes import about, swap_of_week
from advice_engine.energy import GOAL_SHARE, losing_kcal, may_lose, pace_kcal
from advice_engine.facts import Facts
from advice_engine.history import Found, height_m
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import obesity
from advice_engine.words import by, number

SOURCE = obesity(
    "減量目標(3〜6か月で体重の3%)。エネルギーはGanpuleの式と食事摂取基準2025からの見積もり", verified=False
)
QUICKEST = 2  # times the pace: the same 3 % in three months
NEAREST = 50  # kcal: an estimate is no closer


def when(facts: Facts) -> Speech | None:
    mass, height = may_lose(facts), height_m(facts)
    if mass is None or height is None:
        return None
    return _speech(facts, mass, height)


def _speech(facts: Facts, mass: Found, height: float) -> Speech:
    weight = mass.value * height**2
    less, goal = pace_kcal(weight), number(GOAL_SHARE * weight, 1)
    swap = swap_of_week(facts, "energy", at_most=10 * round(QUICKEST * less / 10))
    target = losing_kcal(facts, weight_kg=weight, height_m=height)
    day = number(NEAREST * round(target / NEAREST)) if target else ""
    whole = f"1日にとるエネルギーの目安は約{day} kcalです(見積もり)。" if day else ""
    whole_en = f"Your day's energy would then be about {day} kcal, an estimate. " if day else ""
    return Speech(
        "ゆっくり、半年で体重の3%",
        f"BMIは{number(mass.value, 1)}です。体重の3%(約{goal} kg)を、半年かけてへらすのが目安です。"
        f"1日あたりにすると{about(less, 'kcal')}で、それより急がなくて大丈夫です。{whole}"
        f"今週は「{swap.ja}」はいかがですか。これで{about(swap.saves, 'kcal')}です。"
        "主食・おかず・野菜は抜かずに、毎食そろえましょう。妊娠中や授乳中の方、体調のわるい方は、行わないでください。",
        f"体重と身長、質問票のお答えをもとにしています。{by(SOURCE)}",
        (Ground("bmi", "BMI", number(mass.value, 1), mass.on.isoformat()),),
        English(
            "Slowly: 3% of your weight in half a year",
            f"Your BMI is {number(mass.value, 1)}. The aim is to lose 3% of your weight, about {goal} kg, over half a "
            f"year. That is about {round(less, -1):.0f} kcal less a day, and there is no need for more. {whole_en}"
            f"This week you could try this: {swap.en}. It saves about {round(swap.saves, -1):.0f} kcal. "
            "Keep rice or bread, a main dish and vegetables in every meal. "
            "Please do not do this if you are pregnant, breast-feeding or unwell.",
        ),
    )


RULE = Rule(
    id="energy_for_weight",
    title="BMI 25以上35未満(18〜74歳)の、1日のエネルギー",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="weight",
    needs=("days:weight", "checkups", "conditions", "drugs"),
    when=when,
    rest_days=21,
    source=SOURCE,
    false_alarms="筋肉の多い方、記録にない妊娠や病気がある方、すでに減量している方。",
)
