"""Steps below the guide: a little more than now."""

from advice_engine.facts import Facts
from advice_engine.rule import Rule, Speech
from advice_engine.sources import activity
from advice_engine.steps_guide import ground, guide, indoors, usual
from advice_engine.vetoes import ADULT
from advice_engine.words import amount, by

MORE = 1000  # ten minutes of walking
CARRIED = 500  # fewer: rather not carried, or somebody who cannot walk (our choice)
WINDOW = {"oldest": 14, "newest": 1}
SOURCE = activity("推奨値(成人 約8,000歩、高齢者 約6,000歩)とプラス・テン")


def when(facts: Facts) -> Speech | None:
    now = usual(facts, **WINDOW, at_least=7)
    if now is None or facts.age < ADULT or not CARRIED <= now < guide(facts):
        return None
    aim = min(now + MORE, guide(facts))
    return Speech(
        "今より10分だけ、多く歩いてみませんか",
        f"ふだんの1日の歩数は、約{amount('steps', now)}です。まずは{amount('steps', aim)}を目指してみましょう。"
        "10分歩くと、約1,000歩です。5分を2回に分けてもかまいません。"
        "買い物のときに少し遠くに車をとめる、朝に家のまわりを歩く、などから始めてみましょう。"
        f"{indoors(facts)}胸の痛みや強い息切れ、ひざの痛みがあるときは休んで、主治医に相談してください。",
        f"この2週間の歩数をもとにしています。この年代の目安は1日約{amount('steps', guide(facts))}です。{by(SOURCE)}",
        (ground(facts, **WINDOW),),
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
    rest_days=7,
    source=SOURCE,
    false_alarms="歩数計を持たない時間が長い方、自転車・水泳・農作業でよく動いている方。",
)
