"""Two weeks with 1,000 steps a day more than in the four weeks before, below the guide or not."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import activity
from advice_engine.steps_guide import CARRIED, ground, usual
from advice_engine.vetoes import ADULT
from advice_engine.words import amount, by, number

NOW = {"oldest": 14, "newest": 1}
BEFORE = {"oldest": 42, "newest": 15}
LEAST_MORE = 1000  # steps: プラス・テン
SOURCE = activity("プラス・テン(10分、約1,000歩)")


def when(facts: Facts) -> Speech | None:
    now, before = usual(facts, **NOW, at_least=7), usual(facts, **BEFORE, at_least=14)
    if now is None or before is None or facts.age < ADULT or before < CARRIED or now - before < LEAST_MORE:
        return None
    more, minutes = now - before, round((now - before) / 100)
    return Speech(
        f"前より1日{amount('steps', more)}多くなりました",
        f"この2週間は1日約{amount('steps', now)}で、その前の4週間(約{amount('steps', before)})より増えています。"
        f"時間にすると、1日{number(minutes)}分ほどです。小さな積み重ねが、形になっていますね。"
        "この調子で、無理なく続けてください。疲れた日は休んでも大丈夫です。",
        f"ご自分の前の4週間の歩数と比べています。{by(SOURCE)}",
        (ground(facts, **NOW), ground(facts, **BEFORE)),
        English(
            f"{english.amount('steps', more)} a day more than before",
            f"In the last two weeks you walked about {english.amount('steps', now)} a day, in the four weeks before "
            f"about {english.amount('steps', before)}. That is about {number(minutes)} minutes a day. "
            "Small steps add up. Please go on as it suits you, and rest on days when you are tired.",
        ),
    )


RULE = Rule(
    id="praise_steps_up",
    title="歩数が自分の前の4週間より1,000歩以上増えた",
    kind="praise",
    urgency=1,
    audience="citizen",
    topic="praise_steps",
    needs=("days:steps",),
    when=when,
    rest_days=21,
    source=SOURCE,
    false_alarms="旅行や行事の2週間、前に歩数計を持たない日が多かった方。",
)
