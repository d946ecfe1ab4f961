from datetime import UTC, datetime

import psycopg

from store import rejections
from store.model import Rejection

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_rejection_is_kept_whole_and_found_by_its_reason(conn: psycopg.Connection) -> None:
    first = Rejection("phr/v1/gw-1/scale", "too_short", "4 bytes", b"\x00\xff", NOW, "gw-1")
    rejections.add(conn, [first, Rejection("a.json", "not_json", "", b"", NOW)])
    newest, oldest = rejections.listing(conn, limit=9)
    assert (newest.origin, newest.gateway_id, newest.resolved_at) == ("a.json", None, None)
    assert (oldest.raw, oldest.reason, oldest.detail, oldest.received_at) == (b"\x00\xff", "too_short", "4 bytes", NOW)
    assert rejections.listing(conn, limit=9, reason="too_short") == [oldest]
    assert rejections.listing(conn, limit=9, gateway_id="gw-1") == [oldest]
    assert rejections.listing(conn, limit=1) == [newest]


def test_no_rejections_are_no_trouble(conn: psycopg.Connection) -> None:
    rejections.add(conn, [])
    assert rejections.listing(conn, limit=1) == []
