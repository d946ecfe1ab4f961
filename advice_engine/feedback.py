"""What a checkup's value means for the reader: the value, its line, how it really moved, what to do. Pure.

For values at the 保健指導 line, or moved within the range; from the 受診勧奨 line on the referral rules speak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advice_engine import english
from advice_engine.change import Move, most_moved
from advice_engine.checkup_lines import Grade, lines_on
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, ground, listed, newest_with, usable, value
from advice_engine.drinking import GROWN_UP
from advice_engine.energy import enough_first
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.history import Found, treated
from advice_engine.rule import English, Ground, Speech
from advice_engine.sources import checkup_of
from advice_engine.vetoes import left_to_doctor
from advice_engine.words import by

BY_LINE = {">=": ("以上", "or more"), "<": ("未満", "below"), "<=": ("以下", "or less")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a checkup. ``do``: a kind suggestion, left out where a doctor decides on ``area``."""

    metrics: tuple[str, ...]
    name: str
    name_en: str
    what: str  # what the value shows, a whole sentence
    what_en: str
    do: str
    do_en: str
    area: str = "diet"
    treats: str = ""  # 'bp', 'glucose', 'lipid': whose medicine means "tell your doctor"


WITHIN = "目安の範囲です。", "It is within the range. "
TELL = "お薬は今までどおり続けて、結果を主治医に見せてください。"
ENOUGH = "食事の量はへらさず、次に医療機関に行くとき、結果を見せて相談しましょう。"
ENOUGH_EN = "Do not eat less, and show the result to your doctor at your next visit."
AGAIN, AGAIN_EN = "来年の健診で、もう一度確かめましょう。", "Have it checked again at your next checkup."


def feedback(facts: Facts, item: Item) -> Speech | None:
    """What the newest checkup, of the last year, says of this item; None: nothing to say, or a referral says it.

    Not below 20: suggestions may speak of alcohol.
    """
    checkup = newest_with(facts, item.metrics)
    if checkup is None or checkup.examined_on < ago(facts, FRESH_DAYS) or facts.age < GROWN_UP:
        return None
    every = [
        Found(metric, checkup.values[metric], checkup.examined_on)
        for metric in item.metrics
        if metric in checkup.values and usable(metric, checkup)
    ]
    grades: list[Grade] = [lines_on(one.on)[one.metric].grade(one.value, facts.sex) for one in every]
    if not every or "referral" in grades or "now" in grades:
        return None
    over = [one for one, grade in zip(every, grades, strict=True) if grade == "guidance"]
    move = most_moved(facts, over or every)
    if over:
        return tell(facts, item, over, where=_lines(facts, over), move=move)
    if move is None or back_within(move, facts.sex):
        return None  # what came back within its line is a matter of praise
    return tell(facts, item, [move.now], where=WITHIN, move=move)


def back_within(move: Move, sex: str) -> bool:
    """Whether the earlier value was over its line and the newer one is within."""
    earlier, later = (lines_on(one.on)[one.metric].grade(one.value, sex) for one in (move.before, move.now))
    return earlier != "within" and later == "within"


def _lines(facts: Facts, over: Sequence[Found]) -> tuple[str, str]:
    """Where values stand that have reached the 保健指導 line."""
    lines = [(one.metric, lines_on(one.on)[one.metric]) for one in over]
    drawn = [(metric, line.guidance(facts.sex) or 0.0, BY_LINE[line.op]) for metric, line in lines]
    ja = "、".join(f"{value(metric, at)}{said[0]}" for metric, at, said in drawn)
    en = ", ".join(_line_en(metric, at, said[1]) for metric, at, said in drawn)
    return f"生活を見直す目安({ja})に入っています。", f"The line for a look at daily life is {en}. "


def _line_en(metric: str, at: float, said: str) -> str:
    shown = english.amount(metric, at)
    return f"below {shown}" if said == "below" else f"{shown} {said}"


def tell(facts: Facts, item: Item, found: Sequence[Found], *, where: tuple[str, str], move: Move | None) -> Speech:
    """The speech itself; ``where`` the values stand, in Japanese and English (with a space after it)."""
    source, on = checkup_of(found[0].on, "別紙5 保健指導判定値"), found[0].on
    ja, en = _advice(facts, item)
    return Speech(
        f"{item.name}の値を、ふり返ってみましょう",
        f"{checkup_day(on)}で、{listed(found)}でした。{item.what}{where[0]}{move.words if move else ''}{ja}",
        f"{listed(found)}。{by(source)}",
        (*(ground(one) for one in found), *_before(move)),
        English(
            f"A look at your {item.name_en}",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. {item.what_en} {where[1]}"
            f"{move.english if move else ''}{en}",
        ),
    )


def _before(move: Move | None) -> tuple[Ground, ...]:
    return (ground(move.before),) if move else ()


def _advice(facts: Facts, item: Item) -> tuple[str, str]:
    if item.treats and treated(facts, item.treats):
        return TELL, english.KEEP_ON.replace("If you are under treatment, keep", "Keep")
    if left_to_doctor(facts, item.area):
        return (
            "次に医療機関に行くとき、結果を見せて相談しましょう。",
            "Show the result to your doctor at your next visit.",
        )
    if item.area == "diet" and enough_first(facts):
        return ENOUGH, ENOUGH_EN
    return f"{item.do}{AGAIN}", f"{item.do_en} {AGAIN_EN}"
