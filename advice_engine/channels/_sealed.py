"""Channels whose addresses lie sealed in ``health.channel_addresses``: what they have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

import psycopg

from advice_engine.channel import Address, Channel, Message
from store import addresses
from store.settings import Settings, require

Send = Callable[[Message, Address, Settings], None]


def channel(
    name: str,
    *,
    rank: int,
    ready: Callable[[Settings], bool],
    send: Send,
    send_code: Callable[[str, str, Settings], None] | None = None,
) -> Channel:
    """The channel ``name``. ``ready``: whether its own settings are there; to open addresses the master key must be."""

    def can_send(settings: Settings) -> bool:
        if not ready(settings):
            return False
        require(settings, "master_key")
        return True

    def of_people(conn: psycopg.Connection, people: Sequence[int]) -> Mapping[int, tuple[Address, ...]]:
        found: dict[int, tuple[Address, ...]] = defaultdict(tuple)
        for one in addresses.of_people(conn, people, name):
            found[one.person_id] += (Address(one.address_id, {"to": one.address}),)
        return dict(found)

    def holders(conn: psycopg.Connection, people: Sequence[int]) -> Collection[int]:
        return addresses.holders(conn, people, name)

    return Channel(
        id=name,
        rank=rank,
        ready=can_send,
        addresses=of_people,
        send=send,
        forget=lambda conn, address: addresses.forget(conn, address.key),
        holders=holders,
        send_code=send_code,
    )
