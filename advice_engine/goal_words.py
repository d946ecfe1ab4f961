"""How goals are said, in plain Japanese and English. Pure. Nothing counts what is missing."""

from __future__ import annotations

from advice_engine import english
from advice_engine.facts import Goal
from advice_engine.goals import KINDS, Progress
from advice_engine.words import amount, day, number

_DAYS = {
    "weigh_in": ("体重を、週に{n}日測る", "weigh in on {n} days a week"),
    "pressure": ("血圧を、週に{n}日測る", "measure your pressure on {n} days a week"),
    "dry_days": ("お酒を飲まない日を、週に{n}日つくる", "have {n} days a week without alcohol"),
    "breakfast": ("朝食を、週に{n}日食べる", "eat breakfast on {n} days a week"),
}


def said(goal: Goal) -> tuple[str, str]:
    """The goal in Japanese and English: 1日に6,000歩、歩く."""
    if goal.kind == "steps":
        return f"1日に{amount('steps', goal.target)}、歩く", f"walk {number(goal.target)} steps a day"
    if goal.kind == "weight":
        return f"体重を{amount('weight', goal.target)}にする", f"come to {english.amount('weight', goal.target)}"
    ja, en = _DAYS[goal.kind]
    return ja.format(n=round(goal.target)), en.format(n=round(goal.target))


def span(goal: Goal) -> str:
    return f"{day(goal.since)}から{day(goal.until)}まで"


def came(progress: Progress) -> str:
    """How far it has come, as the citizen's page says it."""
    if progress.rests:
        return "いまはお休みです。このことは、主治医と相談しながら進めましょう。"
    if progress.goal.kind == "weight":
        return _way(progress.moved)
    done, what = progress.this_week or 0, "目標の歩数に届いた日" if progress.goal.kind == "steps" else "できた日"
    if progress.reached:
        return f"今週は{done}日できました。めあてに届いています。"
    return f"今週の{what}は、{done}日です。" if done else "今週はこれからです。できる日から始めましょう。"


def _way(moved: float | None) -> str:
    if moved is None:
        return "この1週間に2日以上測ると、ここに進み具合が出ます。"
    if moved >= 1:
        return "めあての体重に届きました。"
    if moved >= 2 / 3:
        return "あと少しのところまで来ています。"
    return "少しずつ近づいています。" if moved > 0 else "始めたところです。急がなくて大丈夫です。"


def name(goal: Goal) -> str:
    return KINDS[goal.kind].name
