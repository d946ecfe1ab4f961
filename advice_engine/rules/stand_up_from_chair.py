"""Walks enough: muscles next, two or three days a week."""

from advice_engine.facts import Facts
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import activity
from advice_engine.steps_guide import ground, guide, usual
from advice_engine.vetoes import ADULT
from advice_engine.words import by

WEEK = {"oldest": 7, "newest": 1}
SOURCE = activity("筋力トレーニング 週2〜3日(成人・高齢者)")


def when(facts: Facts) -> Speech | None:
    now = usual(facts, **WEEK, at_least=5)
    if now is None or facts.age < ADULT or now < guide(facts):
        return None
    return Speech(
        "いすから立って座る運動を、足してみませんか",
        "歩く量は目安に届いています。次は、足の力を保つ運動です。"
        "いすから立って座る動きを、ゆっくり10回。週に2、3日から始めてみましょう。"
        "机やいすの背に手をそえてもかまいません。胸の痛みや強い息切れ、ひざや腰の痛みがあるときは休んで、主治医に相談してください。",
        f"この1週間の歩数をもとにしています。{by(SOURCE)}",
        (ground(facts, **WEEK),),
        English(
            "How about standing up from a chair, as exercise?",
            "You walk as much as the guide asks. Next comes the strength of your legs. "
            "Stand up from a chair and sit down slowly, ten times, on two or three days a week. "
            "You may put a hand on the table or the back of the chair. "
            "With chest pain, strong breathlessness, or painful knees or back, rest and ask your doctor.",
        ),
    )


RULE = Rule(
    id="stand_up_from_chair",
    title="歩数が目安に届いた方の筋力トレーニング",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="strength",
    needs=("days:steps",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="すでに筋力トレーニングをしている方、ひざや腰に痛みのある方。",
)
