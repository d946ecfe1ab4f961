"""The last full week reached what the person set out to do; or half of the way to the weight is behind them."""

from datetime import timedelta

from advice_engine.facts import Facts
from advice_engine.goal_words import said
from advice_engine.goals import Progress, progress
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by, span_iso

HALF = 0.5  # of the way (our choice)
SOURCE = checkup("保健指導 行動目標と評価(週の数え方は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    goals = sorted((goal for goal in facts.goals if goal.since <= facts.today), key=lambda goal: goal.kind)
    found = [one for goal in goals for one in [progress(facts, goal)] if _good(one)]
    if not found:
        return None
    first = found[0]
    ja, en = said(first.goal)
    weight = first.goal.kind == "weight"
    done = "めあてまでの道のりの半分をこえました" if weight else f"先週は{first.last_week}日できました"
    did = "You are past half of the way" if weight else f"You did it on {first.last_week} days last week"
    more = f"ほかのめあても{len(found) - 1}つ、届いています。" if len(found) > 1 else ""
    return Speech(
        "めあてに、届いています",
        f"ご自分で決めた「{ja}」。{done}。{more}無理のない範囲で、この調子で続けてください。",
        f"めあてと、測った記録やつけた印をもとにしています。{by(SOURCE)}",
        tuple(_ground(facts, one) for one in found),
        English(
            "You reached your goal",
            f"You set out to {en}. {did}. Well done. Go on as it suits you.",
        ),
    )


def _good(one: Progress) -> bool:
    if one.rests:
        return False
    return (one.last_week or 0) >= one.needed if one.goal.kind != "weight" else (one.moved or 0) >= HALF


def _ground(facts: Facts, one: Progress) -> Ground:
    if one.goal.kind == "weight":
        return Ground("weight", "めあてまでの体重", "半分をこえました", facts.today.isoformat())
    monday = facts.today - timedelta(days=facts.today.weekday() + 7)
    week = span_iso(monday, monday + timedelta(days=6))
    return Ground(one.goal.kind, f"めあて「{said(one.goal)[0]}」", f"{one.last_week}日", week)


RULE = Rule(
    id="praise_goal",
    title="自分で決めためあてに届いた",
    kind="praise",
    urgency=1,
    audience="citizen",
    topic="praise_goal",
    needs=("goals", "days:steps", "days:weight", "pressures"),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="別の人が機器を使った日、実際より多くつけた印。",
)
