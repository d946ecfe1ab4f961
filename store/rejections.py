"""Rejections: what could not be understood, kept whole with its reason until someone has looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

import psycopg
from psycopg.rows import class_row

from store.model import Rejection

Resolution = Literal["replayed", "dismissed"]


@dataclass(frozen=True, slots=True)
class KeptRejection:
    """One stored rejection; ``resolved_at`` is None while it is open."""

    rejection_id: int
    origin: str
    gateway_id: str | None
    device: str | None
    person_id: int | None
    reason: str
    detail: str
    raw: bytes
    retained: bool
    received_at: datetime
    times: int
    last_at: datetime | None
    resolved_at: datetime | None
    resolution: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rejections are meant; what is None is not asked. ``state``: 'open', 'resolved' or None for both."""

    reason: str | None = None
    device: str | None = None
    gateway_id: str | None = None
    since: datetime | None = None
    state: Literal["open", "resolved"] | None = None


EVERY = Filter()

_COLUMNS = (
    "rejection_id, origin, gateway_id, device, person_id, reason, detail, raw, retained, received_at,"
    " times, last_at, resolved_at, resolution"
)
_MEANT = """
 where (%(reason)s::text is null or reason = %(reason)s)
   and (%(device)s::text is null or device = %(device)s)
   and (%(gateway_id)s::text is null or gateway_id = %(gateway_id)s)
   and (%(since)s::timestamptz is null or received_at >= %(since)s)
   and (%(state)s::text is null or (resolved_at is null) = (%(state)s = 'open'))
"""


NOTHING_IS_KEPT = "nothing_is_kept"  # of such a format: one row tells as much as 86,400 a day, which a foot pod sends
_COUNT = """
update health.rejections set times = times + 1, last_at = greatest(last_at, %(at)s)
 where rejection_id = (
    select rejection_id from health.rejections
     where reason = %(reason)s and gateway_id = %(gateway_id)s and device = %(device)s and detail = %(detail)s
       and resolved_at is null and received_at between %(at)s - interval '1 hour' and %(at)s
     order by rejection_id desc limit 1)
"""


def add(conn: psycopg.Connection, batch: Sequence[Rejection]) -> None:
    """Keep these, in the caller's transaction.

    Of a device's messages whose format is known, and nothing of it kept (``NOTHING_IS_KEPT``), the first of an hour is
    here and the others are counted on its row.
    """
    _insert(conn, [one for one in batch if one.reason != NOTHING_IS_KEPT])
    idle = [one for one in batch if one.reason == NOTHING_IS_KEPT]
    for one in sorted(idle, key=_in_order):
        said = {name: getattr(one, name) for name in ("reason", "gateway_id", "device", "detail")}
        if not conn.execute(_COUNT, said | {"at": one.received_at}).rowcount:
            _insert(conn, [one])


def _in_order(one: Rejection) -> tuple[str, str, datetime]:
    """The same for all workers, so none waits for another that waits for it."""
    return one.gateway_id or "", one.device or "", one.received_at


def _insert(conn: psycopg.Connection, batch: Sequence[Rejection]) -> None:
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into health.rejections"
            " (origin, gateway_id, device, person_id, reason, detail, raw, retained, received_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (r.origin, r.gateway_id, r.device, r.person_id, r.reason, r.detail, r.raw, r.retained, r.received_at)
                for r in batch
            ],
        )


def keep(conn: psycopg.Connection, rejection: Rejection) -> int:
    """Keep this one, in the caller's transaction; gives the number under which it can be asked for."""
    _insert(conn, [rejection])
    row = conn.execute("select currval(pg_get_serial_sequence('health.rejections', 'rejection_id'))").fetchone()
    assert row is not None
    return int(row[0])


def listing(conn: psycopg.Connection, meant: Filter = EVERY, *, limit: int) -> list[KeptRejection]:
    """The newest ``limit`` rejections that are meant, newest first."""
    with conn.cursor(row_factory=class_row(KeptRejection)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from health.rejections {_MEANT} order by rejection_id desc limit %(limit)s",  # noqa: S608
            {**asdict(meant), "limit": limit},
        ).fetchall()


def numbers(conn: psycopg.Connection, meant: Filter) -> list[int]:
    """The ids of all rejections that are meant, oldest first: the order in which they arrived."""
    rows = conn.execute(
        f"select rejection_id from health.rejections {_MEANT} order by rejection_id",  # noqa: S608
        asdict(meant),
    )
    return [rejection_id for (rejection_id,) in rows]


def by_id(conn: psycopg.Connection, rejection_id: int, *, hold: bool = False) -> KeptRejection | None:
    """One rejection, or None. ``hold``: nobody else resolves it until the transaction ends (waits for who does)."""
    with conn.cursor(row_factory=class_row(KeptRejection)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from health.rejections where rejection_id = %s{' for update' if hold else ''}",  # noqa: S608
            (rejection_id,),
        ).fetchone()


def resolve(conn: psycopg.Connection, rejection_id: int, resolution: Resolution) -> bool:
    """Close it, in the caller's transaction; False when it was closed before or does not exist."""
    closed = conn.execute(
        "update health.rejections set resolved_at = now(), resolution = %s"
        " where rejection_id = %s and resolved_at is null",
        (resolution, rejection_id),
    )
    return closed.rowcount == 1


def refuse_again(conn: psycopg.Connection, rejection_id: int, *, reason: str, detail: str) -> None:
    """It was read once more and is still refused: from now on for this reason."""
    conn.execute(
        "update health.rejections set reason = %s, detail = %s where rejection_id = %s and resolved_at is null",
        (reason, detail, rejection_id),
    )


def open_by_reason(conn: psycopg.Connection) -> dict[str, int]:
    """How many rejections are open, by reason."""
    rows = conn.execute(
        "select reason, count(*) from health.rejections where resolved_at is null group by reason order by reason"
    )
    return dict(rows.fetchall())


_FORGET = """
delete from health.rejections where rejection_id in (
    select rejection_id from health.rejections as r
     where reason = 'unregistered_device' and received_at < now() - %s
       and exists (select from health.gateways as g where g.gateway_id = r.gateway_id)
       and not exists (select from health.registrations as d
                        where d.gateway_id = r.gateway_id and d.device = r.device)
     order by rejection_id limit %s for update skip locked)
"""


def forget_strangers(conn: psycopg.Connection, older: timedelta, most: int) -> int:
    """Drop at most ``most`` messages, older than this, of devices that nobody ever registered; returns how many."""
    return conn.execute(_FORGET, (older, most)).rowcount


@dataclass(frozen=True, slots=True)
class Stranger:
    """A device that nobody has registered: heard at this gateway, first and last, and how often."""

    gateway_id: str
    device: str
    first_at: datetime
    last_at: datetime
    times: int


def strangers(conn: psycopg.Connection, gateway_ids: Sequence[str], since: datetime) -> list[Stranger]:
    """The devices that these gateways heard since then and nobody has registered, the last heard first.

    Without what an OpenMQTTGateway says of itself (LWT, version, …toMQTT).
    """
    with conn.cursor(row_factory=class_row(Stranger)) as cursor:
        return cursor.execute(
            "select gateway_id, device, min(received_at) as first_at, max(received_at) as last_at, count(*) as times"
            "  from health.rejections where gateway_id = any(%s) and received_at >= %s"
            "   and resolved_at is null and reason = 'unregistered_device' and device is not null"
            "   and device !~ '^(LWT|version|.*toMQTT)$'"
            " group by gateway_id, device order by last_at desc limit 50",
            (list(gateway_ids), since),
        ).fetchall()
