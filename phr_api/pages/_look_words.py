"""How the audit of looks is said to the citizen: who did what with which of my data, and why. Pure."""

from __future__ import annotations

from store.metrics import METRICS
from store.records import KINDS, PURPOSE

_DID = {
    "read": "見ました",
    "write": "書きました",
    "import": "取り込みました",
    "open": "開きました",
    "close": "閉じました",
    "delete": "消しました",
    "export": "取り出しました",
    "sign_in": "サインインしました",
}
GROUNDS = {  # of an emergency
    "life": "命や体に危険がある",
    "disaster": "災害のとき",
    "safety": "無事かどうか分からない",
}
_WHY = {
    "own": "ご自身のため",
    "guidance": "保健指導のため",
    "worklist": "連絡が必要な方を知るため",
    "outreach": "ご連絡のため",
    "enquiry": "お問い合わせのため",
    "emergency": "緊急に命や体を守るため",
    "supervision": "職員の仕事を確かめるため",
    "retention": "古い記録を整理するため",
    "household": "ご家族で使う機器のため",
    "operation": "読み取れなかった測定を調べるため",
    "onboarding": "中継機をつなぐため",
    "linking": "保険証や診察券の番号をつなぐため",
    "mending": "番号のつなぎ違いを直すため",
    "proxy": "代理として",
    "paper": "署名した書類を入力するため",
    "statistics": "統計のため",
    "living_lab": "リビングラボのため",
    PURPOSE: "健診や診療の記録を届けるため",
}
_WHAT = {
    "advice": "助言",
    "readings": "測った値",
    "days": "1日ごとの値",
    "checkup": "健診の結果",
    "checkups": "健診の結果",
    "records": "医療機関などの記録",
    "record": "医療機関などの記録",
    "consents": "同意",
    "identifiers": "つながっている番号",
    "correction requests": "訂正のお願い",
    "entitlements": "代理をする人の登録",
    "name": "氏名",
    "phone": "電話番号",
    "contact": "連絡先",
    "person": "ご本人の情報",
    "work list": "連絡が必要な方の一覧",
    "newest values": "新しい値",
    "looks": "見た人の記録",
    "opening": "緊急に情報を開くこと",
    "openings": "緊急に開いた記録",
    "session": "サインイン",
    "registrations": "機器の登録",
    "device order": "歩数の機器の順番",
    "gateways": "中継機の登録",
    "rejections": "読み取れなかった測定",
    "push": "お知らせの受け取り",
    "messages": "届いたお知らせ",
    "message wishes": "お知らせの受け取り方",
    "addresses": "お知らせの届け先",
    "letters": "手紙や電話でのお知らせ",
    "goals": "めあて",
    "reflection": "先週のふりかえり",
    "feedback": "助言へのお返事",
    "answer": "助言へのお返事",
    "call": "ご連絡の結果",
    "answers": "助言へのお返事",
    "claim": "測定の持ち主",
    "unclaimed": "測定の持ち主",
    "pressure": "血圧",
    "statistics": "統計",
    "cohort alerts": "地区のようす",
    "districts": "お住まいの地区",
}
_OTHER = "そのほか"  # a word that nobody has put into Japanese yet is not shown to citizens


def did(action: str, allowed: bool) -> str:
    """What was done; a refusal is said as what it was for the person."""
    return _DID.get(action, "使いました") if allowed else "見せませんでした"


def what(items: str) -> str:
    """The kinds of items of an audit row, in Japanese."""
    if items.startswith(("GET ", "POST ", "PUT ", "PATCH ", "DELETE ")):
        return "開けない画面"
    kinds = [kind.strip() for part in items.removeprefix("page:").split(":") for kind in part.split(",")]
    return "、".join(dict.fromkeys(_word(kind) for kind in kinds))


def _word(kind: str) -> str:
    metric = METRICS.get(kind)
    return _WHAT.get(kind) or KINDS.get(kind) or (metric.ja if metric else _OTHER)


def why(purpose: str) -> str:
    """What it was for; a refusal carries the title that was shown."""
    return _WHY.get(purpose) or (_OTHER if purpose.isascii() else purpose)
