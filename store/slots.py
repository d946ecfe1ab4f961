"""Who holds which MQTT session of the ingest workers: a slot is a client id, its messages wait for that name alone.

A session-level advisory lock says who holds it now: it goes when the holder's connection goes. The row's
``held_since`` is the holder's token: a holder that lost the lock without noticing can't store any more
(``confirm``), so two never store the same messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

import psycopg

_LOCKS = 0x5048_5203  # first key of the advisory locks; the second is the name's hash

_TAKE = """
insert into health.slots as slot (slot, held_since) values (%s, clock_timestamp())
    on conflict (slot) do update set drained_at = null,
       held_since = greatest(excluded.held_since, slot.held_since + interval '1 microsecond')
returning held_since
"""
_LEFT_BEHIND = """
select slot from health.slots
 where (drained_at is null or drained_at < now() - %s)
   and not exists (
       select from pg_locks
        where locktype = 'advisory' and granted and classid = %s
          and database = (select oid from pg_database where datname = current_database())
          and objid::bigint = hashtext(slot)::bigint & 4294967295)  -- an oid has no sign
 order by slot
"""


class NotHeld(Exception):
    """The slot is another worker's now."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot in our hands. ``since`` rises with every holder; ``group`` is the shared subscription of all slots."""

    name: str
    since: datetime
    group: str


def take(conn: psycopg.Connection, name: str) -> Slot | None:
    """Take the slot for as long as ``conn`` lives, or until ``release``; None when another holds it.

    ``conn`` is an autocommit connection of the worker's own. Waits for a store that a former holder has in hand, as
    long as the connection's ``lock_timeout`` lets it.
    """
    [(free,)] = conn.execute("select pg_try_advisory_lock(%s, hashtext(%s))", (_LOCKS, name)).fetchall()
    if not free:
        return None
    try:
        [(since,)] = conn.execute(_TAKE, (name,)).fetchall()
    except psycopg.errors.LockNotAvailable:
        release(conn, name)
        return None
    return Slot(name, since, _group(conn))


def _group(conn: psycopg.Connection) -> str:
    """Made once, at random, and the same for all workers: who knows it at the broker is given a share of the messages.

    Mosquitto 2.0 lets everybody subscribe to everything and asks only at delivery who may read: a gateway in the
    workers' group would read nothing, but what is routed to it would be thrown away.
    """
    conn.execute(
        "insert into health.cursors (name, value) values ('ingest_group', to_jsonb(%s::text)) on conflict do nothing",
        (f"ingest-{token_hex(16)}",),
    )
    [(name,)] = conn.execute("select value #>> '{}' from health.cursors where name = 'ingest_group'").fetchall()
    return str(name)


def confirm(conn: psycopg.Connection, slot: Slot) -> None:
    """Make sure that the slot stays ours until the end of this transaction. Raises NotHeld."""
    held = conn.execute(
        "select from health.slots where slot = %s and held_since = %s for share", (slot.name, slot.since)
    )
    if not held.rowcount:
        raise NotHeld


def subscribed(conn: psycopg.Connection, slot: Slot, *, seconds_ago: float) -> None:
    """Note since when the broker keeps messages for this slot."""
    conn.execute(
        "update health.slots set subscribed_at = now() - make_interval(secs => %s) where slot = %s and held_since = %s",
        (seconds_ago, slot.name, slot.since),
    )


def any_subscribed(conn: psycopg.Connection, *, within: float) -> bool:
    """Whether a worker has subscribed within so many seconds."""
    found = conn.execute(
        "select from health.slots where subscribed_at > now() - make_interval(secs => %s) limit 1", (within,)
    )
    return bool(found.rowcount)


def drained(conn: psycopg.Connection, slot: Slot) -> None:
    """Note that nothing waits in it and nothing new is routed there."""
    conn.execute(
        "update health.slots set drained_at = now() where slot = %s and held_since = %s", (slot.name, slot.since)
    )


def release(conn: psycopg.Connection, name: str) -> None:
    """Give a slot back; what still waits in it is for whoever takes it next."""
    conn.execute("select pg_advisory_unlock(%s, hashtext(%s))", (_LOCKS, name))


def left_behind(conn: psycopg.Connection, *, again: timedelta) -> list[str]:
    """Slots whose holder is gone and that may have messages waiting, in the order of their names.

    A drained one is named again after a while (``again``): to be sure costs little.
    """
    return [name for (name,) in conn.execute(_LEFT_BEHIND, (again, _LOCKS))]
