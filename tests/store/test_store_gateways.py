from datetime import UTC, datetime

import psycopg
import pytest

from store import gateways


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
