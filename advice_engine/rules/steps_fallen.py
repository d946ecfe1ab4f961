"""Steps fallen against one's own habit: the last 7 days beside the 28 before."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import activity
from advice_engine.steps_guide import ground, indoors, indoors_en, usual
from advice_engine.vetoes import ADULT
from advice_engine.words import amount, by

SHARE, LEAST_FALL = 0.7, 1500
WEEK = {"oldest": 7, "newest": 1}
BEFORE = {"oldest": 35, "newest": 8}
SOURCE = activity("今より少しでも多く体を動かす(減り方の線は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    now = usual(facts, **WEEK, at_least=4)
    before = usual(facts, **BEFORE, at_least=14)
    if now is None or before is None or facts.age < ADULT:
        return None
    if now > SHARE * before or before - now < LEAST_FALL:
        return None
    return Speech(
        "このごろ、歩く量が減っています",
        f"この1週間の歩数は1日約{amount('steps', now)}で、その前の4週間(約{amount('steps', before)})より減っています。"
        "体の調子に変わりはありませんか。つらいところがあれば、かかりつけの医療機関に相談してください。"
        "お元気なら、今日は10分だけ、家のまわりを歩いてみましょう。"
        f"{indoors(facts)}",
        f"ご自分のふだんの歩数と比べています。{by(SOURCE)}",
        (ground(facts, **WEEK), ground(facts, **BEFORE)),
        English(
            "You have been walking less lately",
            f"Last week you walked about {english.amount('steps', now)} a day, in the four weeks before about "
            f"{english.amount('steps', before)}. Are you feeling well? If something is hard for you, ask your family "
            "doctor. If all is well, walk round the house for ten minutes today."
            f"{indoors_en(facts)}",
        ),
    )


RULE = Rule(
    id="steps_fallen",
    title="歩数が自分のふだんより減った",
    kind="advice",
    urgency=2,
    audience="citizen",
    topic="steps",
    needs=("days:steps",),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="歩数計の電池切れや持ち忘れ、吹雪や旅行の週、農繁期の終わり。",
)
