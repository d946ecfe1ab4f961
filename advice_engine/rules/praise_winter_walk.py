"""A month into the snow season, and still nearly as many steps as before the snow."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import middle
from advice_engine.rule import English, Rule, Speech
from advice_engine.season import began
from advice_engine.sources import activity
from advice_engine.steps_guide import BEFORE_SNOW_DAYS, before_snow, ground, ground_of, usual
from advice_engine.vetoes import ADULT
from advice_engine.words import amount, by

MONTH = {"oldest": 28, "newest": 1}
TWO_WEEKS = {"oldest": 14, "newest": 1}
SHARE, LEAST = 0.95, 2000  # of the steps before the snow; steps a day (our choice)
SOURCE = activity("今より少しでも多く体を動かす(冬との比較の線は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    first, figures = began(facts.today), before_snow(facts)
    now, before = usual(facts, **MONTH, at_least=14), middle(figures, at_least=BEFORE_SNOW_DAYS)
    if first is None or now is None or before is None or facts.age < ADULT:
        return None
    if (facts.today - first).days < MONTH["oldest"] or before < LEAST or now < SHARE * before:
        return None
    lately = usual(facts, **TWO_WEEKS, at_least=7)
    if lately is None or lately < SHARE * before:  # not while the last days fall, nor on weeks that nobody measured
        return None
    before = round(before / 100) * 100
    return Speech(
        "雪の季節も、よく歩いていますね",
        f"雪の前は1日約{amount('steps', before)}、この4週間は約{amount('steps', now)}です。"
        "庄内の冬は歩く量が減りやすいのに、ほとんど変わっていません。すばらしいことです。"
        "道が凍る朝と吹雪の日は、家の中やお店の中にして、春までこの調子で続けてください。",
        f"雪の前と、この4週間の歩数を比べています。{by(SOURCE)}",
        (ground(facts, **MONTH), ground_of(figures, f"雪の前の1日の歩数(ふだんの日、{len(figures)}日分)")),
        English(
            "You walk well in the snow season, too",
            f"Before the snow it was about {english.amount('steps', before)} a day, in the last four weeks about "
            f"{english.amount('steps', now)}. Most people walk less in a Shonai winter: you hardly do. Well done. "
            "On icy mornings and in blizzards stay indoors, and keep it up until spring.",
        ),
    )


RULE = Rule(
    id="praise_winter_walk",
    title="雪の季節も、雪の前と同じくらい歩いている",
    kind="praise",
    urgency=1,
    audience="citizen",
    topic="praise_steps",
    needs=("days:steps",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="雪の少ない冬、除雪機などの振動で歩数計が多く数えた日。",
)
