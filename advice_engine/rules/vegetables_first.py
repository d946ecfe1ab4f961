"""Eats faster than others (questionnaire item 14): vegetables first, counted in small dishes."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.energy import NO_DEFICIT_AGE
from advice_engine.facts import Facts
from advice_engine.history import answered, kidney_signs
from advice_engine.intakes import SMALL_DISH_G, VEGETABLES_G
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import health_japan
from advice_engine.vetoes import ADULT
from advice_engine.words import by

SOURCE = health_japan("野菜の摂取量 1日350 g")
SUMMER, WINTER = (6, 7, 8, 9), (12, 1, 2, 3)


def when(facts: Facts) -> Speech | None:
    fast = answered(facts, "q_eat_fast", 1)
    if fast is None or kidney_signs(facts) or not ADULT <= facts.age < NO_DEFICIT_AGE:
        return None
    dish, dish_en = _of_season(facts.today.month)
    count = VEGETABLES_G // SMALL_DISH_G
    return Speech(
        "食事のはじめに、野菜の小鉢をひとつ",
        f"{checkup_day(fast.on)}の質問票で、食べるのが速いとのお答えでした。食事は、野菜の小鉢から始めてみませんか。"
        f"今の時期なら、{dish}がおすすめです。よくかむうちに、食べる速さもゆっくりになります。"
        f"野菜の目安は1日{VEGETABLES_G} gで、小鉢(約{SMALL_DISH_G} g)なら{count}つ分です。"
        "まずは夕食に1つ足してみましょう。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(fast, "食べる速さ"),),
        English(
            "A small dish of vegetables first?",
            f"At your checkup on {english.day(fast.on)} you said that you eat fast. You could begin each meal with a "
            f"small dish of vegetables. At this time of year, try {dish_en}. Chewing well slows the meal down. "
            f"The aim is {VEGETABLES_G} g of vegetables a day, or {count} small dishes of about {SMALL_DISH_G} g. "
            "Begin with one more at dinner.",
        ),
    )


def _of_season(month: int) -> tuple[str, str]:
    if month in SUMMER:
        return "トマト半分や、きゅうりとわかめの酢の物", "half a tomato, or cucumber and wakame in vinegar"
    if month in WINTER:
        return "小松菜のおひたしや、白菜のだし煮", "boiled komatsuna, or Chinese cabbage cooked in broth"
    return "ゆでたブロッコリーや、せん切りキャベツ", "boiled broccoli or shredded cabbage"


RULE = Rule(
    id="vegetables_first",
    title="食べるのが速い(野菜から)",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="vegetables",
    needs=("checkups", "conditions"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="野菜をもともとよく食べている方、食事の時間が選べない仕事の方。",
)
