"""Rejections: what could not be understood, kept whole with its reason until someone has looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from store.model import Rejection


@dataclass(frozen=True, slots=True)
class KeptRejection:
    """One stored rejection; ``resolved_at`` is None while it is open."""

    rejection_id: int
    origin: str
    gateway_id: str | None
    reason: str
    detail: str
    raw: bytes
    received_at: datetime
    resolved_at: datetime | None


def add(conn: psycopg.Connection, batch: Sequence[Rejection]) -> None:
    """Keep these, in the caller's transaction."""
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


def listing(
    conn: psycopg.Connection, *, limit: int, reason: str | None = None, gateway_id: str | None = None
) -> list[KeptRejection]:
    """The newest ``limit`` rejections, newest first; of one reason or gateway when given."""
    with conn.cursor(row_factory=class_row(KeptRejection)) as cursor:
        return cursor.execute(
            "select rejection_id, origin, gateway_id, reason, detail, raw, received_at, resolved_at"
            " from health.rejections"
            " where (%(reason)s::text is null or reason = %(reason)s)"
            " and (%(gateway)s::text is null or gateway_id = %(gateway)s)"
            " order by rejection_id desc limit %(limit)s",
            {"reason": reason, "gateway": gateway_id, "limit": limit},
        ).fetchall()
