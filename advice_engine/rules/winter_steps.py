"""Steps in the snow season against one's own before the snow: walk where there is a roof."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import middle
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import activity
from advice_engine.steps_guide import BEFORE_SNOW_DAYS, before_snow, ground, ground_of, usual
from advice_engine.vetoes import ADULT
from advice_engine.words import amount, by, number

TWO_WEEKS = {"oldest": 14, "newest": 1}
SHARE, LEAST_FALL = 0.85, 800
SOURCE = activity("今より少しでも多く体を動かす(冬の減り方の線は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    figures = before_snow(facts)
    now, before = usual(facts, **TWO_WEEKS, at_least=7), middle(figures, at_least=BEFORE_SNOW_DAYS)
    if now is None or before is None or facts.age < ADULT:
        return None
    if now > SHARE * before or before - now < LEAST_FALL:
        return None
    before = round(before / 100) * 100
    return Speech(
        "雪の日は、屋根のあるところで10分",
        f"雪の前は1日約{amount('steps', before)}でしたが、この2週間は約{amount('steps', now)}です。"
        "庄内の冬は、だれでも歩く量が減りやすい季節です。"
        "買い物の日は、大きな店の中を10分多く歩いてみましょう。"
        "出かけない日は、家の廊下を5分ずつ朝と夕方に2回、またはラジオ体操を1回してみませんか。"
        "外に出るときは、すべりにくい靴をはきましょう。胸の痛みや強い息切れがあるときは休んで、主治医に相談してください。",
        f"雪の前の{number(len(figures))}日と、この2週間の歩数を比べています。{by(SOURCE)}",
        (ground(facts, **TWO_WEEKS), ground_of(figures, f"雪の前の1日の歩数(ふだんの日、{len(figures)}日分)")),
        English(
            "On snowy days, ten minutes under a roof",
            f"Before the snow you walked about {english.amount('steps', before)} a day, in the last two weeks about "
            f"{english.amount('steps', now)}. In the winter of Shonai nearly everybody walks less. "
            "When you shop, walk ten minutes more inside a large shop. "
            "On days at home, walk in the corridor for five minutes in the morning and in the evening, or do Radio "
            "Exercise once. "
            "Wear shoes that do not slip. With chest pain or strong breathlessness, rest and ask your doctor.",
        ),
    )


RULE = Rule(
    id="winter_steps",
    title="雪の季節に、歩数が雪の前より減った",
    kind="advice",
    urgency=2,
    audience="citizen",
    topic="steps",
    needs=("days:steps",),
    when=when,
    rest_days=21,
    source=SOURCE,
    false_alarms="雪かきや屋内の運動でよく動いている方、歩数計を冬の上着に入れていない方。",
)
