"""The words of ``docs/personas.md`` around what the engine says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib.resources import files

from advice_engine.run import rules

KINDS = {
    "red_flag": "赤い知らせ",
    "referral": "受診のおすすめ",
    "advice": "助言",
    "praise": "ほめる",
    "information": "お知らせ",
}
ANSWERS = {
    "done": "できました",
    "not_yet": "まだです",
    "not_for_me": "わたしには合いません",
    "helpful": "役に立ちました",
    "under_care": "もう受診しています",
}
_WEEKDAYS = "月火水木金土日"
_HELD = {  # how the decision log begins -> how it is told
    "red flag first": "赤い知らせが先",
    "clinic first": "受診が先",
    "same topic": "同じ話題の",
    "veto": "主治医に任せる",
    "muted": "この話題は休み",
    "not wanted": "本人が「合わない」と答えた",
    "at most": "助言は3つまで",
    "answered": "受診ずみ・治療中と答えた",
    "rule failed": "規則の故障",
}
_VETOES = {
    "pregnancy": "妊娠", "kidney_or_dialysis": "腎臓の病気の治療中", "glucose_lowering_drug": "血糖の薬",
    "hypoglycaemic_drug": "低血糖の心配がある薬", "dementia": "物忘れの病気", "cancer_care": "がんの治療",
    "eating_disorder": "食事の病気", "heart_or_stroke": "心臓・脳の病気", "under_18": "18歳未満", "fever": "発熱",
    "kidney_values": "腎臓の値", "bmi_for_a_clinician": "BMI 35以上・17未満",
}  # fmt: skip
_UNRUNG = {
    "not chosen": "今回は選ばれなかった",
    "one a day": "1日1通まで",
    "one choice a day": "選ぶのは1日1回",
    "one every two days": "助言は2日に1通まで",
    "three a week": "助言は週3通まで",
    "enough this week": "本人の希望の通数まで鳴った",
    "rest period": "同じ内容は間をあける",
    "not wanted to ring": "本人がこの話題を鳴らさない設定",
    "paused": "本人がお休み中",
    "no channel": "届け先がない",
    "no letter of its own": "手紙は、お願いがあるときだけ",
    "for the nurse": "",
}


def intro() -> str:
    """English summary, and the introduction for the 保健師."""
    return (files("phr_api") / "personas_intro.md").read_text("utf-8")


def day(on: date, *, weekday: bool = False) -> str:
    """11月24日, 11月24日(月)."""
    return f"{on.month}月{on.day}日" + (f"({_WEEKDAYS[on.weekday()]})" if weekday else "")


def unrung_why(reason: str) -> str:
    """Why something on the screen did not ring; "" where it never rings for the person."""
    return _UNRUNG.get(reason, reason)


def held_why(why: str, named: Mapping[str, str]) -> str:
    """Why a rule's words did not reach the screen."""
    kind, _, which = why.partition(": ")
    began = next((words for start, words in _HELD.items() if kind.startswith(start)), kind)
    if kind == "same topic":
        return f"{began}「{named[which]}」がある"
    if kind == "veto":
        return f"{began}: {_VETOES[which]}"
    return f"{began}: {named[which]}" if which in {rule.id for rule in rules()} else began
