"""The shape of one push channel. A channel is a frozen value in a file of its own under ``channels/``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID, uuid5

import psycopg

from store import registry
from store.settings import Settings

_KEYS = UUID("5d0ac9d2-4c0e-5b52-9d3b-6a1d2f0c7e11")  # the namespace of message keys; any fixed UUID does


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves the house: that there is something to read, and where. Never a health value, rule or name.

    A lock screen is read by others, and a push service lies outside the city. ``token``: the delivery's own opaque
    word, the same at every try; a receipt names it.
    """

    advice_id: int | None
    public_id: UUID
    title: str
    body: str
    link: str
    urgent: bool
    token: str = field(default="", repr=False)

    def key(self, address: Address) -> UUID:
        """The same at every try of this delivery to this address, and at no other.

        By it the other side knows a message that it has taken already; it tells nothing of the person.
        """
        return uuid5(_KEYS, f"{self.token}/{self.public_id}/{self.advice_id}/{address.key}")


@dataclass(frozen=True, slots=True)
class Address:
    """One place where a person can be told. ``key`` is the channel's own; ``parts`` may hold secrets."""

    key: int
    parts: Mapping[str, str] = field(default_factory=dict, repr=False)


class SendFailed(Exception):
    """A message that did not go out.

    ``reason`` is a slug (``http_429``, ``timeout``) without address or secret. ``permanent``: this address will
    never work again. ``final``: no other try of this message will go out either, though the address may be right (it
    was refused as it stands). ``retry_after``: seconds the other side asked to wait, when it said so.
    """

    def __init__(
        self, reason: str, *, permanent: bool = False, final: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.final = final or permanent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way to tell people.

    ``rank``: of the channels that reach a person, the lowest one tells them. ``ready(settings)``: whether it can
    send; raises BadSetting when a setting does not fit. ``addresses(conn, people)``: where each person can be told;
    who can't be reached is left out. ``send`` returns when the other side has taken the message, or raises
    SendFailed; it is called from several threads and opens no database connection. ``forget(conn, address)`` drops
    an address whose failure was permanent. ``holders(conn, people)``: who of them has an address, without opening any
    (None: ``addresses`` is cheap enough). ``send_code(code, address, settings)``: proves that an address is whose
    person says so (None: it is proven by other means); raises SendFailed.
    """

    id: str
    rank: int
    ready: Callable[[Settings], bool]
    addresses: Callable[[psycopg.Connection, Sequence[int]], Mapping[int, tuple[Address, ...]]]
    send: Callable[[Message, Address, Settings], None]
    forget: Callable[[psycopg.Connection, Address], None]
    holders: Callable[[psycopg.Connection, Sequence[int]], Collection[int]] | None = None
    send_code: Callable[[str, str, Settings], None] | None = None


def reaching(conn: psycopg.Connection, people: Sequence[int], ways: Iterable[Channel] | None = None) -> dict[int, str]:
    """The preferred channel (``ways``: of these, in their order) that has an address of each person."""
    found: dict[int, str] = {}
    for channel in channels().values() if ways is None else ways:
        left = [person for person in people if person not in found]
        found |= dict.fromkeys((channel.holders or channel.addresses)(conn, left), channel.id)
    return found


@cache
def channels() -> dict[str, Channel]:
    """Every channel by its id, the preferred one first. Do not change the dict."""
    found = sorted(registry.load("advice_engine.channels", "CHANNEL"), key=lambda channel: (channel.rank, channel.id))
    return {channel.id: channel for channel in found}
