from datetime import UTC, date, datetime, timedelta

import psycopg

from store import gateways, people, registrations, rejections
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


def from_gateway(seconds: float, device: str, reason: str, gateway: str = "gw") -> Rejection:
    at = NOW + timedelta(seconds=seconds)
    return Rejection(f"phr/v1/{gateway}/{device}", reason, "", b"%d" % seconds, at, gateway, device)


def test_of_a_device_of_which_nothing_is_kept_an_hour_is_one_row(conn: psycopg.Connection) -> None:
    for second in range(0, 4000, 400):  # batches
        pod = [from_gateway(second + n, "pod", rejections.NOTHING_IS_KEPT) for n in range(3)]
        rejections.add(conn, [*pod, from_gateway(second, "other pod", rejections.NOTHING_IS_KEPT)])
        rejections.add(conn, [from_gateway(second, "pod", "wrong_length")])
    kept = rejections.listing(conn, Filter(device="pod", reason=rejections.NOTHING_IS_KEPT), limit=99)
    assert [(one.raw, one.times) for one in kept] == [(b"3601", 2), (b"0", 28)]
    assert [one.last_at for one in kept] == [NOW + timedelta(seconds=3602), NOW + timedelta(seconds=3600)]
    assert [one.times for one in rejections.listing(conn, Filter(device="other pod"), limit=99)] == [10]
    assert len(rejections.listing(conn, Filter(reason="wrong_length"), limit=99)) == 10


def test_a_row_that_was_resolved_counts_no_more(conn: psycopg.Connection) -> None:
    rejections.add(conn, [from_gateway(0, "pod", rejections.NOTHING_IS_KEPT)])
    rejections.resolve(conn, rejections.numbers(conn, rejections.EVERY)[0], "dismissed")
    rejections.add(conn, [from_gateway(1, "pod", rejections.NOTHING_IS_KEPT)])
    assert [one.times for one in rejections.listing(conn, limit=9)] == [1, 1]


def test_what_strangers_devices_said_is_dropped_after_its_time_and_nothing_else(conn: psycopg.Connection) -> None:
    gateways.add(conn, "gw", "any")
    person = people.add(conn, birth_date=date(1950, 1, 1), sex="female", name="見本").person_id
    registrations.add(conn, gateway_id="gw", device="mine", model="theengs_scale", label="体重計", person_id=person)
    now = (datetime.now(UTC) - NOW).total_seconds()
    old, young = now - 31 * 86_400, now - 29 * 86_400
    rejections.add(
        conn,
        [
            *(from_gateway(old + n, "neighbours", "unregistered_device") for n in range(3)),
            from_gateway(young, "neighbours", "unregistered_device"),
            from_gateway(old, "mine", "unregistered_device"),
            from_gateway(old, "neighbours", "not_json"),
            from_gateway(old, "neighbours", "unregistered_device", gateway="unknown"),
        ],
    )
    assert [rejections.forget_strangers(conn, timedelta(days=30), 2) for _ in range(3)] == [2, 1, 0]
    left = rejections.listing(conn, limit=9)
    assert sorted((one.device, one.reason, one.gateway_id) for one in left) == [
        ("mine", "unregistered_device", "gw"),
        ("neighbours", "not_json", "gw"),
        ("neighbours", "unregistered_device", "gw"),
        ("neighbours", "unregistered_device", "unknown"),
    ]
