"""Where a citizen is told besides browsers: an address is given, proven by a code, taken away. For API and page.

A code is sent once it is committed that it may be: no transaction waits for another machine. That it was asked for
counts, whatever became of it; one that did not go out can be asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal
from unicodedata import normalize
from uuid import UUID

import psycopg
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from advice_engine.channel import Channel, SendFailed, channels
from phr_api.doors import look
from phr_api.problems import Problem, not_found
from store import addresses, sealing, tries
from store.addresses import ChannelAddress, TooManyAddresses
from store.sessions import Citizen

Kind = Literal["fcm", "email", "sms"]
Code = Annotated[str, Field(min_length=6, max_length=20)]
_MAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.I | re.A
)
_MOBILE = re.compile(r"(?:\+81|0)([6-9]0\d{8})")  # 060 to 090: 総務省 電気通信番号計画
_TOKEN = re.compile(r"[A-Za-z0-9_:.-]{20,4096}")
# store.tries: two codes at once, then after 2, 4, 9 and 15 minutes each; of an address, whoever asks, ten in an hour
_CODES, _CODES_THERE = -5, 10


class NewAddress(BaseModel):
    """``address``: an e-mail address, a Japanese mobile number, or the app's FCM registration token."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {
        "channel": "email", "address": "hanako@example.jp"}})  # fmt: skip

    channel: Kind
    address: Annotated[str, Field(min_length=1, max_length=4096)]


def listed(conn: psycopg.Connection, me: Citizen, request: Request) -> list[ChannelAddress]:
    """Mine, the oldest first."""
    look(conn, me, me.person_id, items="addresses", purpose="own", request=request)
    return addresses.of_person(conn, me.person_id)


def add(
    conn: psycopg.Connection, me: Citizen, new: NewAddress, request: Request, *, app_id: UUID | None = None
) -> int | Problem:
    """Keep it and send its code, or give what stands in the way, which is to be answered. Raises Problem.

    ``app_id``: the app that asks; a registration token of FCM is taken from an app alone, and goes with it.
    """
    channel = ready(new.channel, request)
    address = _plain(new.channel, new.address)
    needs_agreement(conn, me, new.channel)
    if new.channel == "fcm" and app_id is None:
        raise Problem(
            403, "アプリからお試しください", "アプリの中で選んでください。 An app gives its own token itself."
        )
    look(conn, me, me.person_id, items="addresses", purpose="own", request=request, action="write")
    try:
        app = app_id if new.channel == "fcm" else None
        proven = channel.send_code is None
        address_id = addresses.add(conn, me.person_id, new.channel, address, confirmed=proven, app_id=app)
    except TooManyAddresses:
        raise Problem(
            409,
            "届け先が多すぎます",
            f"使わないものを消してから、もう一度お試しください。 At most {addresses.MOST}: delete one first.",
        ) from None
    return _offer_code(conn, _mine(conn, me, address_id), channel, request) or address_id


def again(conn: psycopg.Connection, me: Citizen, address_id: int, request: Request) -> Problem | None:
    """A new code goes there, or what stands in the way, which is to be answered. Raises Problem (404) for what is not
    mine or proven."""
    known = _mine(conn, me, address_id)
    channel = ready(known.channel, request)
    needs_agreement(conn, me, known.channel)
    look(conn, me, me.person_id, items="addresses", purpose="own", request=request, action="write")
    if channel.send_code is None or known.confirmed_at:
        raise not_found()
    return _offer_code(conn, known, channel, request)


def _offer_code(conn: psycopg.Connection, known: ChannelAddress, channel: Channel, request: Request) -> Problem | None:
    if channel.send_code is None or known.confirmed_at:
        return None
    wait = tries.take(conn, f"address code|person:{known.person_id}", free=_CODES)
    # nobody's telephone rings for many people's codes
    there = sealing.hashes(conn, channel.id, known.address)[0].hex()
    wait = wait or tries.take(conn, f"address code|to:{there}", free=_CODES_THERE)
    if wait:
        return Problem(
            429,
            "しばらくお待ちください",
            "番号は、続けて何度も送れません。少し時間をおいてから、もう一度お試しください。"
            " Too many codes: wait as long as Retry-After says (seconds).",
            headers={"Retry-After": str(int(wait) + 1)},
        )
    code = addresses.offer_code(conn, known.person_id, known.address_id)
    sends = partial(channel.send_code, code, known.address, request.app.state.settings)
    request.state.afterwards = [partial(_send, sends)]
    return None


def _send(sends: Callable[[], None]) -> None:
    try:
        sends()
    except SendFailed as fault:
        raise _unsent(fault) from None


def _unsent(fault: SendFailed) -> Problem:
    problem = Problem(
        503,
        "いまは送れません",
        "時間をおいて、もう一度お試しください。 The code could not be sent now: try again later.",
        headers={"Retry-After": "60"},
    )
    if fault.final:
        problem = Problem(
            422,
            "送れませんでした",
            "届け先を確かめてください。まちがっていたら、消して、入れ直してください。"
            " The address was refused: check it, or delete it and give another.",
        )
    problem.leads_to = f"/addresses?said={'refused' if fault.final else 'unsent'}"
    return problem


def confirm(conn: psycopg.Connection, me: Citizen, address_id: int, *, code: str, request: Request) -> Problem | None:
    """The address is proven, or what stands in the way, which is to be answered: a wrong try counts."""
    known = _mine(conn, me, address_id)
    look(conn, me, me.person_id, items="addresses", purpose="own", request=request, action="write")
    digits = re.sub(r"[\s-]", "", normalize("NFKC", code))
    if known.confirmed_at or addresses.confirm(conn, me.person_id, address_id, digits):
        return None
    return Problem(
        422,
        "番号がちがいます",
        f"届いた番号を確かめてください。10分をすぎたときや、{addresses.CODE_TRIES}回まちがえたときは、番号をもう一度"
        "お送りください。 Wrong, used up or older than ten minutes: ask for a new code.",
    )


def remove(conn: psycopg.Connection, me: Citizen, address_id: int, request: Request) -> None:
    """No longer be told there. Raises Problem (404) for what is not mine."""
    look(conn, me, me.person_id, items="addresses", purpose="own", request=request, action="write")
    if not addresses.remove(conn, me.person_id, address_id):
        raise not_found()


def ready(name: str, request: Request) -> Channel:
    """The channel. Raises Problem (404) while it is not set up here."""
    channel = channels()[name]
    if not channel.ready(request.app.state.settings):
        raise Problem(404, "この届け方は使えません", "ほかの届け方をお選びください。 This channel is not set up here.")
    return channel


def offered(request: Request) -> list[str]:
    """The channels that are set up here."""
    settings = request.app.state.settings
    return [name for name, channel in channels().items() if channel.holders and channel.ready(settings)]


def needs_agreement(conn: psycopg.Connection, me: Citizen, channel: str) -> None:
    """Raises Problem (403) without a consent of purpose push to words that name this way."""
    if not addresses.agreed(conn, me.person_id, channel):
        raise Problem(
            403,
            "先に同意が必要です",
            "同意の画面で「お知らせを受け取る」の説明を読み、同意してから、もう一度お試しください。"
            " Give a consent of purpose push to its newest words first.",
        )


def shown(one: ChannelAddress) -> str:
    """As much of it as its owner needs to know it by: a screen is read by others."""
    if one.channel == "email":
        name, _, domain = one.address.rpartition("@")
        return f"{name[:2]}…@{domain}"
    if one.channel == "sms":
        return f"…{one.address[-4:]}"
    return ""


def _mine(conn: psycopg.Connection, me: Citizen, address_id: int) -> ChannelAddress:
    for one in addresses.of_person(conn, me.person_id):
        if one.address_id == address_id:
            return one
    raise not_found()


def _plain(channel: Kind, text: str) -> str:
    """The address as it is kept. Raises Problem (422), which does not repeat it."""
    plain = normalize("NFKC", text).strip()
    if channel == "email" and len(plain) <= 254 and _MAIL.fullmatch(plain):
        name, _, domain = plain.rpartition("@")
        return f"{name}@{domain.lower()}"
    mobile = _MOBILE.fullmatch(re.sub(r"[\s()ー―-]", "", plain))
    if channel == "sms" and mobile:
        return f"+81{mobile[1]}"
    if channel == "fcm" and _TOKEN.fullmatch(text):
        return text
    raise Problem(
        422,
        "届け先を確かめてください",
        "メールアドレスか、携帯電話の番号(090など)を入れてください。"
        " An e-mail address, a Japanese mobile number, or an FCM registration token is expected.",
    )
