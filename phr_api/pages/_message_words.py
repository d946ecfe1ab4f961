"""How channels and topics of messages are said to citizens. Pure."""

from __future__ import annotations

TOPICS = {
    "walking": "歩くこと",
    "salt": "塩分",
    "measuring_pressure": "血圧を測ること",
    "alcohol": "お酒",
    "energy": "食事(朝食・量)",
    "vegetables": "野菜・食物繊維",
    "weighing": "体重を測ること",
    "strength": "筋力・バランス",
    "checkup": "健診の予約",
    "sleep": "睡眠",
    "smoking": "たばこ",
    "sit_breaks": "座りすぎ",
    "other": "そのほかの助言",
    "praise": "よかったこと",
    "information": "健診の結果の説明など",
    "reflection": "先週のふりかえり",
}
_CHANNELS = {
    "web_push": "この画面を開いた端末への通知",
    "fcm": "アプリへの通知",
    "line": "LINE",
    "email": "メール",
    "sms": "SMS(ショートメッセージ)",
    "letter": "手紙や電話",
}


def channel(name: str) -> str:
    """The channel as people know it."""
    return _CHANNELS.get(name, "そのほか")
