"""Skips breakfast in the twenties: the step that fits the answer on change (item 21), each a menu of five minutes.

Any item, then staple and protein, then vegetables. With kidney signs the general rule speaks instead.
"""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered, kidney_signs, latest
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import food_education
from advice_engine.vetoes import ADULT
from advice_engine.words import by

THIRTY = 30
SOURCE = food_education("若い世代の朝食の欠食を減らす目標(15%以下)。献立と段階は本システムの例", verified=False)
ANY, BOTH_DISHES, WITH_GREENS = 1, 2, 3
STEP_OF_WILL = {3: BOTH_DISHES, 4: WITH_GREENS, 5: WITH_GREENS}  # answer to item 21; all others begin at the first
MENUS = {
    ANY: (
        "まずは、何かひとつで大丈夫です。バナナ1本、牛乳1杯、ヨーグルト1個なら、1分で食べられます。",
        "One item is enough to begin with: a banana, a glass of milk or a pot of yogurt. It takes a minute. ",
    ),
    BOTH_DISHES: (
        "次は、主食とたんぱく質のある品を1つずつ。おにぎりとゆで卵、食パンとチーズなら、5分でできます。",
        "Next, one staple and something with protein: a rice ball and a boiled egg, or bread and cheese. "
        "It takes five minutes. ",
    ),
    WITH_GREENS: (
        "主食とおかずに、野菜も足してみましょう。おにぎり、卵、冷凍野菜を入れたカップのみそ汁なら、5分でできます。",
        "Now add vegetables: a rice ball, an egg, and frozen vegetables in a cup of miso soup. It takes five minutes. ",
    ),
}


def when(facts: Facts) -> Speech | None:
    skips, will = answered(facts, "q_skip_breakfast", 1), latest(facts, "q_will")
    if skips is None or not ADULT <= facts.age < THIRTY or kidney_signs(facts):
        return None
    same_day = will is not None and will.on == skips.on
    menu, menu_en = MENUS[STEP_OF_WILL.get(int(will.value), ANY) if will and same_day else ANY]
    return Speech(
        "朝の5分で、ひとくちから",
        f"{checkup_day(skips.on)}の質問票で、朝食を抜くことが週に3回以上とのお答えでした。{menu}"
        "前の夜に、テーブルや冷蔵庫の手前に用意しておくと、朝が楽になります。週に1日からで十分です。"
        "今は食べているという方は、そのまま続けてください。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(skips, "朝食を抜くことが週3回以上ある"),),
        English(
            "Five minutes in the morning, one bite to begin",
            f"At your checkup on {english.day(skips.on)} you said that you skip breakfast three times a week or more. "
            f"{menu_en}Put it ready the evening before, and the morning is easier. One day a week is a good beginning. "
            "If you eat breakfast by now, please go on.",
        ),
    )


RULE = Rule(
    id="breakfast_twenties",
    title="20代までで朝食を週3回以上抜く",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="breakfast",
    needs=("checkups", "conditions"),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="夜勤などで食べる時刻が違う方、答えのあとに食べるようになった方、乳製品や卵が合わない方。",
)
