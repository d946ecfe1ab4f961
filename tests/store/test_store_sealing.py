"""What lies sealed: a copy of the database tells no name, and a value opens in its own place alone."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import date
from os import urandom
from threading import Event, Thread

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from store import identifiers, people, sealing, sealing_keys
from store.identifiers import TakenIdentifier
from store.sealing import NotOpened, Place
from store.settings import BadSetting

INSURER = "http://jpfhir.jp/fhir/core/IdSystem/insurance"
MASTER = "A" * 43


@pytest.fixture(autouse=True)
def master() -> Iterator[None]:
    sealing.use(MASTER)
    yield
    sealing.use(MASTER)
    sealing._unwrapped.clear()


def another_master() -> str:
    return urlsafe_b64encode(urandom(32)).rstrip(b"=").decode()


def citizen(conn: psycopg.Connection, name: str = "遊佐 りん") -> int:
    return people.add(
        conn,
        birth_date=date(1960, 1, 1),
        sex="female",
        name=name,
        kana="ユザ リン",
        phone="0234-00-1234",
        email="rin@example.jp",
        address="酒田市本町二丁目",
    ).person_id


def everything(conn: psycopg.Connection) -> str:
    """All rows of all tables of the product, as the database would print them (bytea decoded)."""
    tables = conn.execute(
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname in ('identity', 'health', 'audit')"
    ).fetchall()
    rows = [conn.execute(f"select * from {name}").fetchall() for (name,) in tables]
    return "".join(
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for table in rows
        for row in table
        for value in row
    )


def test_the_database_holds_no_name_contact_or_identifier_in_clear(conn: psycopg.Connection) -> None:
    person = citizen(conn)
    identifiers.add(conn, person, INSURER, "00123456")
    stored = everything(conn)
    for told in ("遊佐", "ユザ", "0234-00", "rin@example", "本町", "00123456"):
        assert told not in stored
    assert people.called(conn, person) == {
        "name": "遊佐 りん",
        "kana": "ユザ リン",
        "phone": "0234-00-1234",
        "email": "rin@example.jp",
        "address": "酒田市本町二丁目",
    }
    assert identifiers.of_person(conn, person) == [(INSURER, "00123456")]


@pytest.mark.parametrize("clear", ["酒田 太郎".encode(), b"\xff" + b"short"])
def test_the_database_refuses_a_name_in_clear(conn: psycopg.Connection, clear: bytes) -> None:
    person = citizen(conn)
    with pytest.raises(psycopg.errors.CheckViolation):
        conn.execute("update identity.persons set name = %s where person_id = %s", (clear, person))


def test_a_value_moved_to_another_person_or_column_does_not_open(conn: psycopg.Connection) -> None:
    one, other = citizen(conn), citizen(conn, "酒田 太郎")
    swap = "update identity.persons set name = (select {} from identity.persons where person_id = %s)"
    conn.execute(swap.format("name") + " where person_id = %s", (one, other))
    with pytest.raises(NotOpened, match=r"identity\.persons\.name was changed or belongs elsewhere"):
        people.name_of(conn, other)
    conn.execute(swap.format("kana") + " where person_id = %s", (one, one))
    with pytest.raises(NotOpened):
        people.name_of(conn, one)


def test_a_changed_bit_anywhere_in_a_value_is_seen(conn: psycopg.Connection) -> None:
    place = Place("identity.persons.name", "1")
    sealed = sealing.seal(conn, "遊佐 りん", place)
    assert sealing.open(conn, sealed, place) == "遊佐 りん"
    assert sealing.seal(conn, "遊佐 りん", place) != sealed
    for index in range(1, len(sealed)):
        with pytest.raises(NotOpened):
            sealing.open(conn, sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :], place)


def test_an_identifier_that_was_given_to_somebody_else_by_hand_is_not_believed(conn: psycopg.Connection) -> None:
    one, other = citizen(conn), citizen(conn)
    identifiers.add(conn, one, INSURER, "00123456")
    assert identifiers.person_of(conn, INSURER, "00123456") == one
    conn.execute("update identity.identifiers set person_id = %s", (other,))
    with pytest.raises(NotOpened):
        identifiers.person_of(conn, INSURER, "00123456")


def test_an_identifier_is_exact_and_names_one_person(conn: psycopg.Connection) -> None:
    one, other = citizen(conn), citizen(conn)
    identifiers.add(conn, one, INSURER, "00123456")
    identifiers.add(conn, one, INSURER, "00123456")
    with pytest.raises(TakenIdentifier):
        identifiers.add(conn, other, INSURER, "00123456")
    assert identifiers.person_of(conn, INSURER, "0012345") is None
    assert identifiers.person_of(conn, INSURER + "0", "0123456") is None
    identifiers.add(conn, other, INSURER, "9")
    assert identifiers.people_of(conn, [(INSURER, "00123456"), (INSURER, "9"), (INSURER, "8")]) == {one, other}


def test_without_the_master_key_nothing_opens_and_the_message_tells_no_secret(conn: psycopg.Connection) -> None:
    person = citizen(conn)
    sealing._unwrapped.clear()
    sealing.use(another_master())
    with pytest.raises(NotOpened, match="is not among those of PHR_MASTER_KEY") as refusal:
        people.name_of(conn, person)
    assert MASTER not in str(refusal.value)
    with pytest.raises(BadSetting, match="PHR_MASTER_KEY: expected 32 bytes") as wrong:
        sealing.use("x-secret-x")
    assert "x-secret-x" not in str(wrong.value)


def test_the_master_key_is_changed_with_an_overlap_and_no_value_is_touched(conn: psycopg.Connection) -> None:
    person, new = citizen(conn), another_master()
    before = conn.execute("select name from identity.persons").fetchall()
    sealing.use(f"{new} {MASTER}")
    assert people.name_of(conn, person) == "遊佐 りん"
    assert sealing_keys.rewrap(conn) >= 1 and sealing_keys.rewrap(conn) == 0
    sealing._unwrapped.clear()
    sealing.use(new)
    assert people.name_of(conn, person) == "遊佐 りん"
    assert conn.execute("select name from identity.persons").fetchall() == before


def test_a_rotation_seals_everything_anew_while_it_can_be_read(db: ConnectionPool) -> None:
    with db.connection() as conn:
        ids = [citizen(conn, f"市民 {number}") for number in range(7)]
        for number, person in enumerate(ids):
            identifiers.add(conn, person, INSURER, str(number))
        old = {key.key_id for key in sealing_keys.listing(conn)}
    with db.connection() as conn:
        assert sealing_keys.replace(conn)
    with db.connection() as conn:  # between: everything opens, and what is tied now is found later
        assert not sealing_keys.replace(conn)
        assert people.name_of(conn, ids[3]) == "市民 3"
        assert identifiers.person_of(conn, INSURER, "3") == ids[3]
        with pytest.raises(TakenIdentifier):
            identifiers.add(conn, ids[0], INSURER, "3")
        identifiers.add(conn, ids[0], INSURER, "late")
    assert sealing_keys.reseal(db) == 15
    sealing._unwrapped.clear()
    with db.connection() as conn:
        assert not old & {key.key_id for key in sealing_keys.listing(conn)}
        assert [people.name_of(conn, person) for person in ids] == [f"市民 {number}" for number in range(7)]
        assert identifiers.people_of(conn, [(INSURER, str(number)) for number in range(7)]) == set(ids)
        assert identifiers.person_of(conn, INSURER, "late") == ids[0]


def test_a_rotation_waits_for_who_is_sealing_now(db: ConnectionPool) -> None:
    with db.connection() as conn:
        citizen(conn)
    rotated = Event()

    def rotate() -> None:
        with db.connection() as conn:
            sealing_keys.replace(conn)
        rotated.set()

    with db.connection() as conn:
        person = citizen(conn, "途中 の人")
        other = Thread(target=rotate)
        other.start()
        assert not rotated.wait(0.3)
    other.join(30)
    assert rotated.is_set() and sealing_keys.reseal(db) == 2
    with db.connection() as conn:
        assert people.name_of(conn, person) == "途中 の人"


def test_a_rotation_that_was_overtaken_takes_away_no_key_that_values_lie_under(db: ConnectionPool) -> None:
    with db.connection() as conn:
        person = citizen(conn, "二度 まわる")
        identifiers.add(conn, person, INSURER, "77")
        sealing_keys.replace(conn)
    overtaken: list[str] = []

    def overtake(name: str, done: int) -> None:
        if not overtaken:  # another call went through to its end, and a third one begins
            sealing_keys.reseal(db)
            with db.connection() as conn:
                assert sealing_keys.replace(conn)
        overtaken.append(name)

    sealing_keys.reseal(db, overtake)
    sealing._unwrapped.clear()
    with db.connection() as conn:
        assert people.name_of(conn, person) == "二度 まわる"
        assert identifiers.person_of(conn, INSURER, "77") == person


def test_any_table_with_a_sealed_column_takes_part_in_a_rotation(db: ConnectionPool) -> None:
    place = Place("identity.noted.secret", "a/2")
    with db.connection() as conn:
        conn.execute(
            "create table identity.noted (n int, word text, secret identity.sealed not null, primary key (word, n))"
        )
        sealed = sealing.seal(conn, "otpauth", place)
        conn.execute("insert into identity.noted values (2, 'a', %s)", (sealed,))
    with db.connection() as conn:
        sealing_keys.replace(conn)
    assert sealing_keys.reseal(db) == 1
    with db.connection() as conn:
        row = conn.execute("select secret from identity.noted").fetchone()
        assert row and row[0] != sealed and sealing.open(conn, row[0], place) == "otpauth"


def test_what_an_older_version_kept_in_clear_is_sealed_when_it_is_migrated(conn: psycopg.Connection) -> None:
    person = conn.execute(
        "insert into health.people (birth_date, sex) values ('1960-01-01', 'male') returning person_id"
    ).fetchone()
    assert person is not None
    conn.execute(
        "create table identity.clear_persons as select %s::bigint as person_id, '酒田 太郎' as name, '' as kana,"
        " '0234' as phone, null::text as email, null::text as address",
        person,
    )
    conn.execute(
        "create table identity.clear_identifiers as select 's' as system, '7' as value, %s::bigint as person_id", person
    )
    with conn.transaction():
        assert sealing_keys.prepare(conn) == 1
        assert sealing_keys.prepare(conn) == 0
    assert people.called(conn, person[0]) == {"name": "酒田 太郎", "phone": "0234"}
    assert identifiers.person_of(conn, "s", "7") == person[0]
    assert "太郎" not in everything(conn)
