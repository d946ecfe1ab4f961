"""How the pages speak of moments, people and answers. Pure."""

from __future__ import annotations

from datetime import date, datetime

from store.clock import JST, age_on, civil_day

SEX = {"male": "男性", "female": "女性", "other": "その他", "unknown": "不明"}
KIND = {
    "red_flag": "大切なお知らせ",
    "referral": "受診のおすすめ",
    "advice": "助言",
    "praise": "よい調子",
    "information": "お知らせ",
}
URGENCY = {4: "きょうのうちに", 3: "できるだけ早く", 2: "1か月以内に"}
_HELPED = {"helpful": "役に立った", "not_for_me": "自分には合わない"}
_TRIED = {"done": "やってみた", "not_yet": "まだ", **_HELPED}
_CONSULTED = {"done": "相談した", "not_yet": "まだ", **_HELPED}
ANSWERS = {  # by kind: what may be answered to it, and how that is said
    "red_flag": _CONSULTED,
    "referral": _CONSULTED,
    "advice": _TRIED,
    "praise": _HELPED,
    "information": _HELPED,
}
RECORD = {
    "checkup_item": "健診の項目",
    "lab": "検査",
    "prescription": "処方",
    "condition": "病名",
    "allergy": "アレルギー",
    "procedure": "処置・手術",
    "immunization": "予防接種",
}
PURPOSES = {
    "phr_records": "健診や診療の記録をこの画面で見る",
    "guidance": "保健師の支援を受ける",
    "push": "お知らせを受け取る",
}
ACTIONS = {"read": "見た", "write": "書いた", "import": "取り込んだ", "deny": "断った"}
WHY_LOOKED = {
    "own": "ご自身のため",
    "guidance": "保健指導のため",
    "worklist": "連絡が必要な方を知るため",
    "outreach": "ご連絡のため",
    "enquiry": "お問い合わせのため",
}
_LOOKED_AT = {
    "advice": "助言",
    "readings": "測った値",
    "checkup": "健診の結果",
    "records": "医療機関などの記録",
    "consents": "同意",
    "name": "氏名",
    "phone": "電話番号",
    "contact": "連絡先",
    "newest values": "新しい値",
    "looks": "見た人の記録",
    "feedback": "助言へのお返事",
    "answer": "助言へのお返事",
    "claim": "体重の持ち主",
    "unclaimed": "体重の持ち主",
    "weight": "体重",
    "steps": "歩数",
    "pressure": "血圧",
}


def full_day(day: date) -> str:
    """2026年11月21日"""
    return f"{day.year}年{day.month}月{day.day}日"


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


def when(text: str) -> str:
    """An ISO date or moment, or two of them with a slash between, as people say it."""
    first, _, last = text.partition("/")
    return f"{_day_of(first)}〜{_day_of(last)}" if last else _day_of(first)


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


def looked_at(items: str) -> str:
    """The kinds of items of an audit row, in Japanese where we have the word."""
    kinds = [kind.strip() for part in items.removeprefix("page:").split(":") for kind in part.split(",")]
    return "、".join(dict.fromkeys(_LOOKED_AT.get(kind, kind) for kind in kinds))


def recipient(code: str) -> str:
    return {"*": "すべての医療機関・健診機関", "city": "酒田市"}.get(code, f"医療機関 {code}")


def items(kinds: list[str]) -> str:
    return "すべての種類の記録" if "*" in kinds else "、".join(RECORD.get(kind, kind) for kind in kinds)


def town(code: str) -> str:
    """The municipality by its 全国地方公共団体コード; others stay a code."""
    return {"062049": "酒田市"}.get(code, code)


def local_day(at: datetime) -> str:
    return full_day(civil_day(at))
