from datetime import UTC, datetime

import psycopg

from store import rejections
from store.model import Rejection
from store.rejections import Filter

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_rejection_is_kept_whole_and_found_by_its_reason(conn: psycopg.Connection) -> None:
    first = Rejection("phr/v1/gw-1/scale", "too_short", "4 bytes", b"\x00\xff", NOW, "gw-1")
    rejections.add(conn, [first, Rejection("a.json", "not_json", "", b"", NOW)])
    newest, oldest = rejections.listing(conn, limit=9)
    assert (newest.origin, newest.gateway_id, newest.resolved_at) == ("a.json", None, None)
    assert (oldest.raw, oldest.reason, oldest.detail, oldest.received_at) == (b"\x00\xff", "too_short", "4 bytes", NOW)
    assert rejections.listing(conn, Filter(reason="too_short"), limit=9) == [oldest]
    assert rejections.listing(conn, Filter(gateway_id="gw-1"), limit=9) == [oldest]
    assert rejections.listing(conn, limit=1) == [newest]


def test_no_rejections_are_no_trouble(conn: psycopg.Connection) -> None:
    rejections.add(conn, [])
    assert rejections.listing(conn, limit=1) == []


def test_open_ones_are_counted_by_reason_and_a_resolved_one_is_open_no_more(conn: psycopg.Connection) -> None:
    kept = [Rejection("a", reason, "", b"", NOW) for reason in ("not_json", "not_json", "too_short")]
    rejections.add(conn, kept)
    assert rejections.open_by_reason(conn) == {"not_json": 2, "too_short": 1}
    first, second, third = rejections.numbers(conn, rejections.EVERY)
    assert [rejections.resolve(conn, first, "dismissed") for _ in range(2)] == [True, False]
    assert not rejections.resolve(conn, 999, "dismissed")
    rejections.refuse_again(conn, third, reason="out_of_range", detail="")
    assert rejections.open_by_reason(conn) == {"not_json": 1, "out_of_range": 1}
    assert rejections.numbers(conn, Filter(state="open")) == [second, third]
    assert rejections.numbers(conn, Filter(state="resolved", since=NOW)) == [first]
    [closed] = rejections.listing(conn, Filter(state="resolved"), limit=9)
    assert closed == rejections.by_id(conn, first) and closed.resolution == "dismissed"
