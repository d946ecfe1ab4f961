"""LINE Messaging API: a push message to who linked their LINE account (developers.line.biz, Messaging API reference).

Who blocked the account is not told to the sender: the API answers 200 all the same ("Retry failed API requests"). A
block is learnt from the ``unfollow`` webhook (``phr_api/routes/line.py``).
"""

from __future__ import annotations

from urllib.parse import urlencode

from advice_engine.channel import Address, Message
from advice_engine.channels import _http, _sealed, _words
from advice_engine.channels._http import Answer
from store.settings import Settings

_ALREADY = 409  # this retry key was taken before: the person has the message
# 400 with one of these is about the recipient; any other 400 is about the message, and must cost no address
_NOBODY = ("Failed to send messages",)


def _ready(settings: Settings) -> bool:
    _http.address(settings, "line_api")
    return bool(settings.line_channel_token)


def _send(message: Message, address: Address, settings: Settings) -> None:
    """A retry key is good for 24 hours from the first try; ours are over by then (``deliver.MOST_ATTEMPTS``)."""
    answer = _http.post_json(
        f"{_http.address(settings, 'line_api')}/v2/bot/message/push",
        {"to": address.parts["to"], "messages": [{"type": "text", "text": _words.chat(message, settings)}]},
        {"Authorization": f"Bearer {settings.line_channel_token}", "X-Line-Retry-Key": str(message.key(address))},
    )
    if not answer.taken and answer.status != _ALREADY:
        nobody = _nobody(answer)
        # 401 and 403 are about our token or plan, 429 about our rate or quota: all of them pass
        raise answer.fault(permanent=nobody, final=answer.status in (400, 413))


def _nobody(answer: Answer) -> bool:
    details = answer.body.get("details")
    places = [one.get("property") for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    return answer.status == 400 and (answer.body.get("message") in _NOBODY or places == ["to"])


def invite(user_id: str, reply_token: str, settings: Settings) -> None:
    """Answer somebody who added the account or wrote to it with the page where they link it. Raises SendFailed.

    The link token is LINE's, good for ten minutes and for this account alone.
    """
    api, signed = _http.address(settings, "line_api"), {"Authorization": f"Bearer {settings.line_channel_token}"}
    given = _http.post_json(f"{api}/v2/bot/user/{user_id}/linkToken", {}, signed)
    if not given.taken or not isinstance(given.body.get("linkToken"), str):
        raise given.fault()
    page = f"{_words.stop_link(settings)}?{urlencode({'linkToken': given.body['linkToken']})}"
    said = {"replyToken": reply_token, "messages": [{"type": "text", "text": _words.invitation(page)}]}
    answer = _http.post_json(f"{api}/v2/bot/message/reply", said, signed)
    if not answer.taken:
        raise answer.fault()


def link_page(link_token: str, nonce: str, settings: Settings) -> str:
    """LINE's own page, where the link is made."""
    return f"{_http.address(settings, 'line_link_page')}?{urlencode({'linkToken': link_token, 'nonce': nonce})}"


CHANNEL = _sealed.channel("line", rank=3, ready=_ready, send=_send)
