"""Steps below the guide: a goal from one's own last four weeks, which was met on two days of five."""

from advice_engine import english
from advice_engine.energy import falls_older
from advice_engine.facts import Facts
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import activity
from advice_engine.steps_guide import (
    CARRIED,
    LEAST_DAYS,
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

FOUR_WEEKS = {"oldest": 28, "newest": 1}
SOURCE = activity("今より少しでも多く体を動かす(自分の歩数から出す目標の決め方は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    now, goal = usual(facts, **FOUR_WEEKS, at_least=LEAST_DAYS), own_goal(facts)
    if now is None or goal is None or facts.age < ADULT or falls_older(facts) or not CARRIED <= now < guide(facts):
        return None
    minutes = max(5, round((goal - now) / 100 / 5) * 5)
    return Speech(
        f"1日{amount('steps', goal)}を、週に4日から",
        f"この4週間のふだんの歩数は、1日約{amount('steps', now)}です。"
        f"よく歩けた日には、{amount('steps', goal)}に届いていました。"
        f"まずは週に4日、1日{amount('steps', goal)}を目指してみましょう。今より{minutes}分ほど多く歩くと届きます。"
        f"{small_walks(facts)}、などを足してみませんか。"
        f"{indoors(facts)}胸の痛みや強い息切れ、ひざの痛みがあるときは休んで、主治医に相談してください。",
        f"この4週間の歩数をもとにしています。この年代の目安は1日約{amount('steps', guide(facts))}です。{by(SOURCE)}",
        (ground(facts, **FOUR_WEEKS),),
        English(
            f"{english.amount('steps', goal)} a day, on four days a week",
            f"In the last four weeks you usually walked about {english.amount('steps', now)} a day. On your good days "
            f"you reached {english.amount('steps', goal)}. How about {english.amount('steps', goal)} on four days a "
            f"week? That is about {minutes} minutes more of walking. "
            f"{small_walks_en(facts)}{indoors_en(facts)} "
            "With chest pain, strong breathlessness or painful knees, rest and ask your doctor.",
        ),
    )


RULE = Rule(
    id="steps_own_goal",
    title="歩数が目安より少なく、自分の4週間から目標が出せる",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="steps",
    needs=("days:steps",),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="歩数計を持たない時間が長い方、旅行や行事で歩いた日が多い月。",
)
