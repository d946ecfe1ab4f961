from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from store import crockford, gateway_codes, gateways, households, people


@pytest.fixture
def person_id(conn: psycopg.Connection) -> int:
    return people.add(conn, birth_date=date(1950, 1, 1), sex="female", name="余目 とし").person_id


@pytest.fixture
def home(conn: psycopg.Connection, person_id: int) -> int:
    return households.home_of(conn, person_id)


def test_a_code_lets_one_gateway_in_and_then_no_other(conn: psycopg.Connection, home: int, person_id: int) -> None:
    code = gateway_codes.ask(conn, home, person_id, label="居間")
    redeemed = gateway_codes.redeem(conn, code.text)
    assert redeemed is not None and redeemed.asked_by == person_id
    made = redeemed.gateway
    assert made.gateway_id.startswith("gw-") and len(made.password) >= 26  # 130 bits
    assert gateway_codes.redeem(conn, code.text) is None
    [kept] = gateways.of_person(conn, person_id)
    assert (kept.gateway_id, kept.household_id, kept.label, kept.revoked_at) == (made.gateway_id, home, "居間", None)
    assert conn.execute("select gateway_id from health.gateway_codes").fetchone() == (made.gateway_id,)


def test_neither_code_nor_secret_is_stored(conn: psycopg.Connection, home: int, person_id: int) -> None:
    code = gateway_codes.ask(conn, home, person_id)
    redeemed = gateway_codes.redeem(conn, code.text)
    assert redeemed is not None
    stored = conn.execute("select c::text || g::text from health.gateway_codes as c, health.gateways as g").fetchall()
    for secret in (code.text, crockford.meant(code.text), redeemed.gateway.password):
        assert secret.lower() not in str(stored).lower()


def test_a_code_has_eighty_bits_and_is_read_as_people_type_it(
    conn: psycopg.Connection, home: int, person_id: int
) -> None:
    code = gateway_codes.ask(conn, home, person_id)
    assert [len(group) for group in code.text.split("-")] == [4, 4, 4, 4]
    spoken = code.text.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert gateway_codes.redeem(conn, f" {spoken} ") is not None
    assert crockford.meant("７k3m－9qtd OIL") == "7K3M9QTD011"


@pytest.mark.parametrize("typed", ["", "0000-0000-0000-0000", "ü", "x" * 5000, "' or 1=1 --", "\0"])
def test_a_wrong_code_lets_nobody_in(conn: psycopg.Connection, home: int, person_id: int, typed: str) -> None:
    gateway_codes.ask(conn, home, person_id)
    assert gateway_codes.redeem(conn, typed) is None
    assert gateways.of_person(conn, person_id) == []


def test_a_code_expires_and_goes_with_its_household(conn: psycopg.Connection, home: int, person_id: int) -> None:
    old = gateway_codes.ask(conn, home, person_id)
    assert timedelta(minutes=14) < old.expires_at - datetime.now(UTC) <= timedelta(minutes=15)
    conn.execute("update health.gateway_codes set expires_at = now()")
    assert gateway_codes.redeem(conn, old.text) is None
    assert gateway_codes.sweep(conn) == 1
    left = gateway_codes.ask(conn, home, person_id)
    households.leave(conn, home, person_id)
    assert gateway_codes.redeem(conn, left.text) is None


def test_asking_again_voids_the_code_before(conn: psycopg.Connection, home: int, person_id: int) -> None:
    first, second = (gateway_codes.ask(conn, home, person_id) for _ in range(2))
    assert gateway_codes.redeem(conn, first.text) is None
    assert gateway_codes.redeem(conn, second.text) is not None


def test_of_two_racing_calls_one_wins(conn: psycopg.Connection, db: ConnectionPool, home: int, person_id: int) -> None:
    def redeem(code: str) -> bool:
        with db.connection() as own:
            return gateway_codes.redeem(own, code) is not None

    with ThreadPoolExecutor(4) as racers:
        for _ in range(10):
            code = gateway_codes.ask(conn, home, person_id).text
            assert sorted(racers.map(redeem, [code] * 3)) == [False, False, True]
    assert len(gateways.of_person(conn, person_id)) == 10


def test_who_has_no_household_gets_one_and_only_one(db: ConnectionPool, person_id: int) -> None:
    def home(_: int) -> int:
        with db.connection() as own:
            return households.home_of(own, person_id)

    with ThreadPoolExecutor(4) as racers:
        assert len(set(racers.map(home, range(4)))) == 1


def test_a_new_secret_replaces_the_old_one_and_a_revoked_gateway_gets_none(conn: psycopg.Connection, home: int) -> None:
    made = gateways.admit(conn, home, "台所")
    [(_, before)] = gateways.all_live(conn)
    renewed = gateways.renew_secret(conn, made.gateway_id)
    [(_, after)] = gateways.all_live(conn)
    assert renewed is not None and renewed.password != made.password and before != after
    assert [gateways.revoke(conn, made.gateway_id) for _ in range(2)] == [True, False]
    assert gateways.all_live(conn) == [] and gateways.renew_secret(conn, made.gateway_id) is None
