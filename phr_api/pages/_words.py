"""How the pages speak of moments, people and answers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from advice_engine.words import NO_DIAGNOSIS, NO_DIAGNOSIS_EN
from store.advice import TOLD_FOR_OTHERS
from store.clock import JST, age_on, civil_day
from store.records import KINDS

SEX = {"male": "男性", "female": "女性", "other": "その他", "unknown": "不明"}
KIND = {
    "red_flag": "大切なお知らせ",
    "referral": "受診のおすすめ",
    "advice": "助言",
    "praise": "よい調子",
    "information": "お知らせ",
}
# Rules of the highest urgency say themselves whether it is today or also tomorrow: the mark must not contradict them.
URGENCY = {4: "お急ぎください", 3: "できるだけ早く", 2: "1か月以内に"}
NURSE_URGENCY = {4: "きょうのうちに", 3: "できるだけ早く", 2: "1か月以内に", 1: "急がない"}
_HELPED = {"helpful": "役に立った", "not_for_me": "自分には合わない"}
_TRIED = {"done": "やってみた", "not_yet": "まだ", **_HELPED}
_SEEN = {"under_care": "もう受診しています", "done": "受診しました", "not_yet": "まだ"}
ANSWERS = {  # by kind: what may be answered to it, and how that is said
    "red_flag": _SEEN,
    "referral": _SEEN,
    "advice": _TRIED,
    "praise": _HELPED,
    "information": _HELPED,
}
# What a proxy who may enter numbers can tell: whether it was done. What the person thinks of it is their own to say.
ANSWERED_FOR = {
    kind: {key: label for key, label in said.items() if key in TOLD_FOR_OTHERS} for kind, said in ANSWERS.items()
}
# What became of a red flag or referral.
CARE = {"seen": "受診ずみ", "treated": "治療中", "unreached": "連絡つかず", "open": "取り消し"}
SAID_BY = {"self": "ご本人", "proxy": "代理の方"}
BECAUSE = {  # why this piece of advice came first, where that is so (choosing.because)
    "own": "これを先にお伝えしたのは、これまで、この種類の助言によく取り組んでいらっしゃるからです。",
    "town": "これを先にお伝えしたのは、このまちの方々が、よく取り組んでいる種類の助言だからです。",
}
_ERAS = (  # the first day of each, newest first
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1868, 10, 23), "明治"),
)
MAY = {  # what a proxy may do, as it is asked
    "see": "記録を見る(測った値、助言、健診、医療機関の記録)",
    "enter": "測った値を入力する",
    "consents": "同意をしたり、取りやめたりする",
}
_MAY = {"see": "記録を見る", "enter": "測った値を入力する", "consents": "同意をしたり取りやめたりする"}
UNSAID = frozenset({"impedance"})  # metrics that mean nothing to people
DOCTORS_JUDGEMENT = "9N511000000000049"  # 医師の診断(判定), JLAC10: the report's own last word


def full_day(day: date) -> str:
    """2026年11月21日"""
    return f"{day.year}年{day.month}月{day.day}日"


def birthday(day: date) -> str:
    """昭和33年(1958年)11月1日: how people of that age say it, and how forms ask for it."""
    era = next((f"{name}{_nth(day.year - began.year + 1)}年" for began, name in _ERAS if day >= began), "")
    return f"{era}({day.year}年){day.month}月{day.day}日" if era else full_day(day)


def _nth(year: int) -> str:
    return "元" if year == 1 else str(year)


def moment(at: datetime, now: datetime) -> str:
    """きょう 7:12, きのう 21:40, 11月3日 7:12, 2025年11月3日."""
    local, today = at.astimezone(JST), civil_day(now)
    clock = f"{local.hour}:{local.minute:02}"
    near = {0: "きょう", 1: "きのう"}.get((today - local.date()).days)
    if near:
        return f"{near} {clock}"
    if local.year == today.year:
        return f"{local.month}月{local.day}日 {clock}"
    return full_day(local.date())


def form_time(at: datetime) -> str:
    """Japanese time as a form's date and time field wants it."""
    return at.astimezone(JST).strftime("%Y-%m-%dT%H:%M")


def when(text: str) -> str:
    """An ISO date or moment, or two of them with a slash between, as people say it."""
    first, _, last = text.partition("/")
    return f"{_day_of(first)}〜{_day_of(last)}" if last else _day_of(first)


def short_when(text: str, today: date) -> str:
    """The same for narrow places: this year's number is left out."""
    return when(text).replace(f"{today.year}年", "")


def paragraphs(text: str) -> list[str]:
    """A text of the advice engine, its closing sentence on a line of its own."""
    close = NO_DIAGNOSIS_EN if text.endswith(NO_DIAGNOSIS_EN) else NO_DIAGNOSIS
    return [part for part in (text.replace(close, "").strip(), close) if part]


def _day_of(text: str) -> str:
    try:
        return full_day(
            datetime.fromisoformat(text).astimezone(JST).date() if "T" in text else date.fromisoformat(text)
        )
    except ValueError:
        return text  # words already


def age(birth_date: date, today: date) -> str:
    return f"{age_on(birth_date, today)}歳"


def sex(word: str) -> str:
    return SEX[word]


def phone(number: str | None) -> str:
    """What a tel: link wants: digits and a leading plus."""
    return "".join(sign for sign in number or "" if sign.isdigit() or sign == "+")


def record(kind: str) -> str:
    return KINDS.get(kind, "記録")


def town(code: str) -> str:
    """The municipality by its 全国地方公共団体コード; others stay a code."""
    return {"062049": "酒田市"}.get(code, code)


def scope(may: Sequence[str]) -> str:
    """What a proxy may do, in one sentence."""
    return f"できること: {'、'.join(words for key, words in _MAY.items() if key in may)}"


def local_day(at: datetime) -> str:
    return full_day(civil_day(at))
