"""A goal that the person set comes to its last day within a week, or has come to it within the last two."""

from datetime import timedelta

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.goal_words import said
from advice_engine.goals import resting
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by, day

BEFORE, AFTER = timedelta(days=7), timedelta(days=14)
SOURCE = checkup("保健指導 行動目標の見直し(日数は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    near = [
        goal
        for goal in facts.goals
        if goal.since <= facts.today
        and facts.today - AFTER <= goal.until <= facts.today + BEFORE
        and not resting(facts, goal.kind)
    ]
    if not near:
        return None
    goal = min(near, key=lambda one: (one.until, one.kind))
    ja, en = said(goal)
    over = goal.until < facts.today
    return Speech(
        "めあてを、見直してみませんか",
        f"「{ja}」のめあては、{day(goal.until)}{'まででした' if over else 'までです'}。"
        "同じめあてを続けても、少し変えても、ここでお休みにしてもかまいません。画面の「わたしのめあて」で決められます。",
        f"ご自分で決めた期間をもとにしています。{by(SOURCE)}",
        (Ground(goal.kind, f"めあて「{ja}」を決めた日", day(goal.since), goal.since.isoformat()),),
        English(
            "A look at your goal",
            f"Your goal to {en} {'ended' if over else 'ends'} on {english.day(goal.until)}."
            " You may go on with it, change it or let it rest: see your goals on this page.",
        ),
    )


RULE = Rule(
    id="goal_renew",
    title="自分で決めためあての期間が終わる",
    kind="information",
    urgency=0,
    audience="citizen",
    topic="goal_renew",
    needs=("goals",),
    when=when,
    rest_days=21,
    source=SOURCE,
    false_alarms="もう次のめあてを考えている方。",
)
