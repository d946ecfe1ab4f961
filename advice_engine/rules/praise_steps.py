"""The week's steps reached the guide."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import activity
from advice_engine.steps_guide import ground, guide, usual
from advice_engine.vetoes import ADULT
from advice_engine.words import amount, by

WEEK = {"oldest": 7, "newest": 1}
SOURCE = activity("推奨値(成人 約8,000歩、高齢者 約6,000歩)")


def when(facts: Facts) -> Speech | None:
    now = usual(facts, **WEEK, at_least=5)
    if now is None or facts.age < ADULT or now < guide(facts):
        return None
    return Speech(
        "よく歩いていますね",
        f"この1週間、1日に約{amount('steps', now)}歩いています。目安の約{amount('steps', guide(facts))}に届いています。"
        "この調子で、無理なく続けてください。",
        f"この1週間の歩数をもとにしています。{by(SOURCE)}",
        (ground(facts, **WEEK),),
        English(
            "You walk well",
            f"Last week you walked about {english.amount('steps', now)} a day, which reaches the guide of about "
            f"{english.amount('steps', guide(facts))}. Please go on, as it suits you.",
        ),
    )


RULE = Rule(
    id="praise_steps",
    title="歩数が目安に届いた",
    kind="praise",
    urgency=0,
    audience="citizen",
    topic="steps",
    needs=("days:steps",),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="車の振動などで歩数計が多く数えた日、別の人が持った日。",
)
