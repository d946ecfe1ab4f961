"""Steps below the guide: a little more than now."""

from advice_engine import english
from advice_engine.energy import falls_older
from advice_engine.facts import Facts
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import activity
from advice_engine.steps_guide import (
    CARRIED,
    ground,
    guide,
    indoors,
    indoors_en,
    own_goal,
    small_walks,
    small_walks_en,
    usual,
)
from advice_engine.vetoes import ADULT
from advice_engine.words import amount, by

MORE = 1000  # ten minutes of walking
WINDOW = {"oldest": 14, "newest": 1}
SOURCE = activity("推奨値(成人 約8,000歩、高齢者 約6,000歩)とプラス・テン")


def when(facts: Facts) -> Speech | None:
    now = usual(facts, **WINDOW, at_least=7)
    if now is None or facts.age < ADULT or falls_older(facts) or not CARRIED <= now < guide(facts):
        return None
    if own_goal(facts) is not None:  # steps_own_goal knows more
        return None
    aim = min(now + MORE, guide(facts))
    return Speech(
        "今より10分だけ、多く歩いてみませんか",
        f"ふだんの1日の歩数は、約{amount('steps', now)}です。まずは{amount('steps', aim)}を目指してみましょう。"
        "10分歩くと、約1,000歩です。5分を2回に分けてもかまいません。"
        f"{small_walks(facts)}、などから始めてみましょう。"
        f"{indoors(facts)}胸の痛みや強い息切れ、ひざの痛みがあるときは休んで、主治医に相談してください。",
        f"この2週間の歩数をもとにしています。この年代の目安は1日約{amount('steps', guide(facts))}です。{by(SOURCE)}",
        (ground(facts, **WINDOW),),
        English(
            "How about ten minutes more of walking?",
            f"You usually walk about {english.amount('steps', now)} a day. Let us aim at "
            f"{english.amount('steps', aim)} first. Ten minutes of walking are about 1,000 steps, and twice five "
            f"minutes will do. {small_walks_en(facts)}"
            f"{indoors_en(facts)} With chest pain, strong breathlessness or painful knees, rest and ask your doctor.",
        ),
    )


RULE = Rule(
    id="steps_more",
    title="歩数が目安より少ない",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="steps",
    needs=("days:steps",),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="歩数計を持たない時間が長い方、自転車・水泳・農作業でよく動いている方。",
)
