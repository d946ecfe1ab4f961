"""Little walking in daily life (question 11, or few steps): stand up once in half an hour."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import activity
from advice_engine.steps_guide import CARRIED, ground, guide, usual
from advice_engine.vetoes import ADULT
from advice_engine.words import amount, by

WEEK = {"oldest": 7, "newest": 1}
FEW = 0.5  # of the guide's steps (our choice)
SOURCE = activity("座位行動 座りっぱなしの時間が長くなりすぎないように(30分ごとの目安)")


def when(facts: Facts) -> Speech | None:
    known = _known(facts)
    if known is None or facts.age < ADULT:
        return None
    said, said_en, found = known
    return Speech(
        "30分に1回、1分だけ立ってみませんか",
        f"{said}座っている時間が長い日は、30分に1回、1分だけ立ち上がってみましょう。"
        "テレビの合間にお茶をいれる、電話は立ってする、机に手をそえてかかとを10回上げる、などで十分です。"
        "まずは午前に2回、午後に2回から。ふらつく方は、手すりや机につかまって立ってください。",
        f"歩数か、質問票のお答えをもとにしています。{by(SOURCE)}",
        (found,),
        English(
            "Stand up for one minute every half hour",
            f"{said_en}On days with much sitting, stand up for one minute every half hour. "
            "Make tea between programmes, stand while you telephone, or raise your heels ten times with a hand on the "
            "table. Begin with twice in the morning and twice in the afternoon. "
            "If you feel unsteady, hold on to a rail or a table.",
        ),
    )


def _known(facts: Facts) -> tuple[str, str, Ground] | None:
    now = usual(facts, **WEEK, at_least=5)
    if now is not None:
        few = CARRIED <= now < FEW * guide(facts)
        said = f"この1週間の歩数は、1日約{amount('steps', now)}でした。"
        said_en = f"Last week you walked about {english.amount('steps', now)} a day. "
        return (said, said_en, ground(facts, **WEEK)) if few else None
    sits = answered(facts, "q_walking", 2)
    if sits is None:
        return None
    return (
        f"{checkup_day(sits.on)}の質問票で、体を動かす時間は1日1時間より短いとのお答えでした。",
        f"At your checkup on {english.day(sits.on)} you answered that you move for less than an hour a day. ",
        answer_ground(sits, "1日1時間以上の歩行や身体活動"),
    )


RULE = Rule(
    id="sit_breaks",
    title="動く時間が少ない方の、座りっぱなしの中断",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="sit_breaks",
    needs=("days:steps", "checkups"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="立って働く方、歩数計を持たずに動いている方、ひとりで立つとふらつく方。",
)
