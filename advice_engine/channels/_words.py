"""What messages say besides their one sentence: who sends them, where to read on, how to stop. Pure.

Never a health value, a rule or a name: they are read on lock screens, and pass through companies outside of the city.
"""

from __future__ import annotations

from advice_engine.channel import Message
from store.settings import Settings

SENDER = "酒田市の「さかた健康記録」"
STOP_PATH = "/addresses"


def stop_link(settings: Settings) -> str:
    """The page where a person says where they are told, and where not."""
    return f"{settings.public_url.rstrip('/')}{STOP_PATH}"


def chat(message: Message, settings: Settings) -> str:
    """For LINE."""
    return (
        f"【{message.title}】\n{message.body}\n{message.link}\n\n"
        f"{SENDER}からのお知らせです。受け取りをやめるには: {stop_link(settings)}"
    )


def short(message: Message, settings: Settings) -> str:
    """For SMS: as short as can be, each 70 characters cost."""
    return f"【{message.title}】{message.body} {message.link} 停止: {stop_link(settings)}"


def letter(message: Message, settings: Settings) -> str:
    """For e-mail, in plain text."""
    return (
        f"{message.body}\n\n次のページで、サインインしてお読みください。\n{message.link}\n\n"
        "このメールには、健康の値や内容は書いてありません。パスワードや番号をメールでお聞きすることもありません。\n\n"
        f"--\n{SENDER}\n受け取りをやめるには、次のページで届け先を消してください。\n{stop_link(settings)}\n"
        "このメールには返信できません。\n"
    )


def code(digits: str) -> str:
    """The code that proves an address, for SMS and e-mail."""
    return (
        f"【さかた健康記録】確認の番号は {digits} です。10分のうちに、画面に入れてください。"
        "この番号は、だれにも教えないでください。お心あたりのないときは、何もしなくて大丈夫です。"
    )


def invitation(page: str) -> str:
    """The answer to who added the city's LINE account or wrote to it."""
    return (
        "酒田市の「さかた健康記録」です。新しいお知らせがあることを、LINEでお伝えできます。\n"
        f"次のページでサインインして、つないでください(10分のうちに)。\n{page}\n\n"
        "健康の値や内容は、LINEには送りません。ここに書いていただいたことは、読まれません。"
        "お体のことは、かかりつけの医療機関へご相談ください。"
    )
