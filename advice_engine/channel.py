"""The shape of one push channel. A channel is a frozen value in a file of its own under ``channels/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

import psycopg

from store import registry
from store.settings import Settings


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves the house: that there is something to read, and where. Never a health value, rule or name.

    A lock screen is read by others, and a push service lies outside the city.
    """

    advice_id: int | None
    public_id: UUID
    title: str
    body: str
    link: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Address:
    """One place where a person can be told. ``key`` is the channel's own; ``parts`` may hold secrets."""

    key: int
    parts: Mapping[str, str] = field(default_factory=dict, repr=False)


class SendFailed(Exception):
    """A message that did not go out.

    ``reason`` is a slug (``http_429``, ``timeout``) without address or secret. ``permanent``: this address will
    never work again. ``retry_after``: seconds the other side asked to wait, when it said so.
    """

    def __init__(self, reason: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way to tell people.

    ``rank``: of the channels that reach a person, the lowest one tells them. ``ready(settings)``: whether it can
    send; raises BadSetting when a setting does not fit. ``addresses(conn, people)``: where each person can be told;
    who can't be reached is left out. ``send`` returns when the other side has taken the message, or raises
    SendFailed; it is called from several threads and opens no database connection. ``forget(conn, address)`` drops
    an address whose failure was permanent.
    """

    id: str
    rank: int
    ready: Callable[[Settings], bool]
    addresses: Callable[[psycopg.Connection, Sequence[int]], Mapping[int, tuple[Address, ...]]]
    send: Callable[[Message, Address, Settings], None]
    forget: Callable[[psycopg.Connection, Address], None]


def reaching(conn: psycopg.Connection, people: Sequence[int]) -> dict[int, str]:
    """The preferred channel that has an address of each person."""
    found: dict[int, str] = {}
    for channel in channels().values():
        for person in channel.addresses(conn, [person for person in people if person not in found]):
            found[person] = channel.id
    return found


@cache
def channels() -> dict[str, Channel]:
    """Every channel by its id, the preferred one first. Do not change the dict."""
    found = sorted(registry.load("advice_engine.channels", "CHANNEL"), key=lambda channel: (channel.rank, channel.id))
    return {channel.id: channel for channel in found}
