"""Does not eat three meals a day at 75 and older (後期高齢者の質問票 item 3): a small meal for the missing one."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered, kidney_signs
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import older_questionnaire
from advice_engine.words import by

OLDEST = 75
SOURCE = older_questionnaire("質問3(食習慣)の見方。献立は本システムの例", verified=False)
SMALL = "小さな焼きおにぎりと卵スープ、食パン半分とチーズ、豆腐入りのうどんなど、5分でできるもので十分です。"
SMALL_EN = "A small rice ball with egg soup, half a slice of bread with cheese, or noodles with tofu will do. "
SMALL_WITH_KIDNEYS = (
    "小さなおにぎり1個、うどん半分など、5分でできるもので十分です。食事の指示がある方は、その指示を先にしてください。"
)
SMALL_WITH_KIDNEYS_EN = "A small rice ball or half a bowl of noodles will do. What a doctor has told you comes first. "


def when(facts: Facts) -> Speech | None:
    fewer = answered(facts, "q75_meals", 2)
    if fewer is None or facts.age < OLDEST:
        return None
    menu, menu_en = (SMALL_WITH_KIDNEYS, SMALL_WITH_KIDNEYS_EN) if kidney_signs(facts) else (SMALL, SMALL_EN)
    return Speech(
        "食べない1食に、小さなひと皿を",
        f"{checkup_day(fewer.on)}の質問票で、1日3食ではないとのお答えでした。年を重ねると、食べる回数がへるだけで力が落ちやすくなります。"
        f"抜きがちな1食に、小さなひと皿を足してみませんか。{menu}"
        "買い物や支度が大変なときは、配食や見守りの食事会もあります。地域包括支援センターに相談してください。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(fewer, "1日3食きちんと食べている"),),
        English(
            "Something small in place of the missing meal",
            f"At your checkup on {english.day(fewer.on)} you said that you do not eat three meals a day. In old age, "
            "strength goes faster when meals are missed. You could put something small in that place. "
            f"{menu_en}If shopping or cooking is hard, meals can be brought to you. Ask the community support centre.",
        ),
    )


RULE = Rule(
    id="three_meals_older",
    title="75歳以上で1日3食ではない",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="eating_enough",
    needs=("checkups", "conditions"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="もともと2食で足りている方、家族が代わりに答えた方。",
    renews=True,
)
