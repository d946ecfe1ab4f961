"""From BMI 25 on: 3 % of the weight is gone since two to four months ago, and not so much that a doctor should look."""

from advice_engine import english
from advice_engine.energy import GOAL_SHARE, HEAVY, losing_does_no_harm
from advice_engine.facts import Facts
from advice_engine.figures import between, middle
from advice_engine.history import height_m
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import obesity
from advice_engine.vetoes import left_to_doctor
from advice_engine.words import amount, by, number, span_iso

TOO_MUCH = 0.05  # of the weight; from here on the rule on weight lost speaks
SOURCE = obesity("減量目標(3〜6か月で体重の3%)")


def when(facts: Facts) -> Speech | None:
    now, before = between(facts, "weight", oldest=13), between(facts, "weight", oldest=120, newest=60)
    recent, usual, height = middle(now, at_least=3), middle(before, at_least=3), height_m(facts)
    if recent is None or usual is None or height is None or _not_meant(facts):
        return None
    if usual / height**2 < HEAVY or not GOAL_SHARE <= (usual - recent) / usual < TOO_MUCH:
        return None
    lost = number(usual - recent, 1)
    return Speech(
        "体重の3%のめあてに届きました",
        f"体重が、2〜4か月前の{amount('weight', usual)}から{amount('weight', recent)}になりました({lost} kg)。"
        "ゆっくり続けてこられたことが、数字に出ています。"
        "ここからは、同じ体重を保つことも立派なめあてです。週に2回の体重測定を、これからも続けてみましょう。"
        "減らそうと思わないのに減った方は、かかりつけの医療機関に相談してください。",
        f"この2週間と、2〜4か月前の体重を比べています。{by(SOURCE)}",
        (
            Ground("weight", "この2週間の体重", amount("weight", recent), span_iso(now[0].day, now[-1].day)),
            Ground("weight", "2〜4か月前の体重", amount("weight", usual), span_iso(before[0].day, before[-1].day)),
        ),
        English(
            "You reached the goal of three percent",
            f"Your weight went from {english.amount('weight', usual)} two to four months ago to "
            f"{english.amount('weight', recent)}. Your steady work shows in the number. "
            "To keep this weight is a fine goal as well: please go on weighing yourself twice a week. "
            "If you did not mean to lose weight, ask your family doctor.",
        ),
    )


def _not_meant(facts: Facts) -> bool:
    """For whom losing weight is no goal, whatever the number says."""
    return not losing_does_no_harm(facts) or left_to_doctor(facts, "diet")


RULE = Rule(
    id="praise_weight_goal",
    title="体重の3%のめあてに届いた",
    kind="praise",
    urgency=1,
    audience="citizen",
    topic="praise_weight",
    needs=("days:weight", "checkups", "conditions"),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="体調をくずしてやせた方、むくみがとれた方、体重計が替わった、別の人が乗った。",
)
