from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from store import gateways, households


def test_only_a_hash_of_the_password_is_stored(conn: psycopg.Connection) -> None:
    gateways.add(conn, "gw-1", "open sesame")
    [(name, kept)] = gateways.all_live(conn)
    assert (name, kept[:3]) == ("gw-1", "$7$")
    assert not conn.execute("select 1 from health.gateways as g where g::text like '%%sesame%%'").fetchall()


def test_a_revoked_gateway_is_not_live_any_more(conn: psycopg.Connection) -> None:
    gateways.add(conn, "gw-1", "a")
    gateways.add(conn, "gw-2", "b")
    gateways.revoke(conn, "gw-1", datetime(2026, 11, 1, tzinfo=UTC))
    assert [name for name, _ in gateways.all_live(conn)] == ["gw-2"]


@pytest.mark.parametrize("name", ["+", "#", "a/b", "", "Gw", "a:b", "a\nb", "-a", "a" * 64])
def test_a_name_that_could_mean_something_to_the_broker_is_refused(conn: psycopg.Connection, name: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        gateways.add(conn, name, "a")


def test_a_gateway_cannot_be_named_like_the_ingest_worker(conn: psycopg.Connection) -> None:
    with pytest.raises(ValueError, match="reserved"):
        gateways.add(conn, "ingest", "a")


def test_two_hashes_of_one_password_differ() -> None:
    assert gateways.password_hash("a") != gateways.password_hash("a")


WEEK = timedelta(days=7)


def names(conn: psycopg.Connection) -> list[str]:
    return [name for name, _ in gateways.all_live(conn)]


@pytest.fixture
def box(conn: psycopg.Connection) -> gateways.Credentials:
    return gateways.admit(conn, households.add(conn), "居間")


def test_old_and_new_secret_are_good_side_by_side(conn: psycopg.Connection, box: gateways.Credentials) -> None:
    before = gateways.all_live(conn)
    new = gateways.renew_secret(conn, box.gateway_id, overlap=WEEK)
    assert new is not None and (new.gateway_id, new.user) == (box.gateway_id, f"{box.gateway_id}.2")
    assert names(conn) == [box.user, new.user] and gateways.all_live(conn)[0] == before[0]
    conn.execute("update health.gateways set old_until = now()")
    assert names(conn) == [new.user]
    assert gateways.revoke(conn, box.gateway_id) and names(conn) == []


def test_without_overlap_the_old_secret_is_dead(conn: psycopg.Connection, box: gateways.Credentials) -> None:
    gateways.renew_secret(conn, box.gateway_id, overlap=WEEK)
    gateways.renew_secret(conn, box.gateway_id)
    assert names(conn) == [f"{box.gateway_id}.3"]


def test_the_old_secret_ends_an_hour_after_the_new_ones_first_use(
    conn: psycopg.Connection, box: gateways.Credentials
) -> None:
    new = gateways.renew_secret(conn, box.gateway_id, overlap=WEEK)
    assert new is not None
    left = "select old_until - now() <= %s from health.gateways"
    assert gateways.heard(conn, [box.user, "gw-other.2"]) == 0  # the old one goes on: that ends nothing
    assert conn.execute(left, (gateways.HANDED_OVER,)).fetchone() == (False,)
    assert [gateways.heard(conn, [new.user]) for _ in range(2)] == [1, 0]
    assert conn.execute(left, (gateways.HANDED_OVER,)).fetchone() == (True,)


def test_a_new_secret_that_was_never_used_does_not_push_out_the_one_in_use(
    conn: psycopg.Connection, box: gateways.Credentials
) -> None:
    gateways.renew_secret(conn, box.gateway_id, overlap=WEEK)  # the paper with it was lost
    [(until,)] = conn.execute("select old_until from health.gateways").fetchall()
    third = gateways.renew_secret(conn, box.gateway_id, overlap=2 * WEEK)
    assert third is not None and names(conn) == [box.user, third.user]
    assert third.old_until == until  # and does not let it live longer
    gateways.heard(conn, [third.user])
    fourth = gateways.renew_secret(conn, box.gateway_id, overlap=WEEK)
    assert fourth is not None and names(conn) == [third.user, fourth.user]
