"""Skips breakfast three times a week or more (questionnaire item 17). Ages 18 to 29: ``breakfast_twenties``.

In this order: any item, then staple and protein, then vegetables.
"""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered, kidney_signs
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import food_education
from advice_engine.vetoes import ADULT
from advice_engine.words import by

THIRTY = 30
SOURCE = food_education("朝食を欠食する人を減らす目標")
FIRST = "まずは何かひとつ、口に入れてみましょう。バナナ1本、ヨーグルト1個、牛乳1杯でかまいません。"
FIRST_WITH_KIDNEYS = "まずは何かひとつ、口に入れてみましょう。小さなおにぎり1個、食パン1枚でかまいません。"
NEXT = "慣れたら、おにぎりとゆで卵のように、主食とおかずを1品ずつ。その次に、野菜の入ったみそ汁を足しましょう。"
NEXT_WITH_KIDNEYS = "慣れたら、少しずつ品数を足しましょう。食事の決まりがある方は、主治医の指示を優先してください。"
FIRST_EN = "Begin with any one item: a banana, a pot of yogurt or a glass of milk. "
FIRST_WITH_KIDNEYS_EN = "Begin with any one item: a small rice ball or a slice of bread. "
NEXT_EN = "Then have a staple and something beside it, such as a rice ball and a boiled egg, and later vegetables. "
NEXT_WITH_KIDNEYS_EN = "Then add more, little by little. What a doctor has told you about food comes first. "


def when(facts: Facts) -> Speech | None:
    skips = answered(facts, "q_skip_breakfast", 1)
    kidneys = kidney_signs(facts)
    if skips is None or (ADULT <= facts.age < THIRTY and not kidneys):
        return None
    first, then = (FIRST_WITH_KIDNEYS, NEXT_WITH_KIDNEYS) if kidneys else (FIRST, NEXT)
    first_en, then_en = (FIRST_WITH_KIDNEYS_EN, NEXT_WITH_KIDNEYS_EN) if kidneys else (FIRST_EN, NEXT_EN)
    return Speech(
        "朝に何かひとつ、食べてみませんか",
        f"{checkup_day(skips.on)}の質問票で、朝食を抜くことが週に3回以上とのお答えでした。{first}{then}"
        "今は食べているという方は、そのまま続けてください。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(skips, "朝食を抜くことが週3回以上ある"),),
        English(
            "Something small in the morning?",
            f"At your checkup on {english.day(skips.on)} you said that you skip breakfast three times a week or more. "
            f"{first_en}{then_en}If you eat breakfast by now, please go on.",
        ),
    )


RULE = Rule(
    id="breakfast",
    title="朝食を週3回以上抜く(18〜29歳のほか)",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="breakfast",
    needs=("checkups", "conditions"),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="夜勤などで食べる時刻が違う方、答えのあとに食べるようになった方。",
)
