"""Addresses that lie sealed: whose they are, who can open them, and the codes that prove them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from store import addresses, consents, identifiers, line_links, people, pool, push_subscriptions, sealing_keys
from store.addresses import CODE_TRIES, MOST, TooManyAddresses

MAIL = "hanako@example.jp"
AGREED = {"purpose": "push", "recipient": "city", "items": ["*"], "text_version": "2", "given_by": "self"}


@pytest.fixture(scope="module")
def database(file_database: str) -> str:
    """One for all: each test has people of its own."""
    return file_database


def citizen(conn: psycopg.Connection, *, agreed: bool = True) -> int:
    person = people.add(
        conn, birth_date=date(1960, 1, 1), sex="female", name="遊佐 りん", phone="0234-00-1234"
    ).person_id
    if agreed:
        consents.give(conn, person, **AGREED, valid_from=datetime.now(UTC) - timedelta(days=1))
    return person


def told(conn: psycopg.Connection, *people: int, channel: str = "email") -> list[tuple[int, str]]:
    found = addresses.of_people(conn, people, channel)
    assert addresses.holders(conn, people, channel) == {one.person_id for one in found}
    return [(one.person_id, one.address) for one in found]


def test_only_what_was_confirmed_is_told_and_only_while_the_person_agrees(conn: psycopg.Connection) -> None:
    person, silent = citizen(conn), citizen(conn, agreed=False)
    for one in (person, silent):
        added = addresses.add(conn, one, "email", MAIL)
        assert told(conn, person, silent) == []
        assert addresses.confirm(conn, one, added, addresses.offer_code(conn, one, added)) or one == silent
        if one == person:
            assert told(conn, person, silent) == [(person, MAIL)]
            [given] = consents.of_person(conn, person)
            consents.withdraw(conn, person, given.consent_id, datetime.now(UTC))
    assert told(conn, person, silent) == []


def test_who_agreed_to_words_that_name_browsers_alone_is_told_there_until_they_agree_to_the_newer_ones(
    conn: psycopg.Connection,
) -> None:
    person = citizen(conn, agreed=False)
    older = consents.give(conn, person, **AGREED | {"text_version": "1"}, valid_from=datetime.now(UTC))
    push_subscriptions.add(conn, person, endpoint="https://push.example/1", p256dh="x", auth="x")
    for channel in ("line", "fcm", "email", "sms", "letter"):
        addresses.add(conn, person, channel, channel, confirmed=True)
    assert [told(conn, person, channel=channel) for channel in ("line", "fcm", "email", "sms", "letter")] == [[]] * 5
    assert len(push_subscriptions.of_people(conn, [person])) == 1
    consents.replace_older(conn, person, consents.give(conn, person, **AGREED, valid_from=datetime.now(UTC)))
    assert consents.of_person(conn, person)[1].consent_id == older
    assert [told(conn, person, channel=one) for one in ("email", "letter")] == [
        [(person, "email")],
        [(person, "letter")],
    ]
    assert len(push_subscriptions.of_people(conn, [person])) == 1


def test_a_code_is_good_once_for_its_own_address_and_not_after_five_wrong_ones(conn: psycopg.Connection) -> None:
    person = citizen(conn)
    first, second = (addresses.add(conn, person, "sms", f"+819012345{end}") for end in ("678", "679"))
    code = addresses.offer_code(conn, person, first)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    addresses.offer_code(conn, person, second)
    assert not addresses.confirm(conn, person, second, code) or code == wrong
    for _ in range(CODE_TRIES):
        assert not addresses.confirm(conn, person, first, wrong)
    assert not addresses.confirm(conn, person, first, code)  # the right one comes too late
    newer = addresses.offer_code(conn, person, first)
    assert addresses.confirm(conn, person, first, newer) and not addresses.confirm(conn, person, first, newer)


def test_a_code_is_void_after_ten_minutes_and_when_a_newer_one_is_sent(conn: psycopg.Connection) -> None:
    person = citizen(conn)
    added = addresses.add(conn, person, "email", MAIL)
    old, new = addresses.offer_code(conn, person, added), addresses.offer_code(conn, person, added)
    assert old == new or not addresses.confirm(conn, person, added, old)
    conn.execute("update health.channel_addresses set code_until = code_until - interval '10 minutes'")
    assert not addresses.confirm(conn, person, added, new)


def test_neither_address_nor_code_stands_in_clear_in_the_database(conn: psycopg.Connection) -> None:
    person = citizen(conn)
    added = addresses.add(conn, person, "email", MAIL)
    code = addresses.offer_code(conn, person, added)
    [row] = conn.execute("select * from health.channel_addresses where person_id = %s", (person,)).fetchall()
    stored = [bytes(value) for value in row if isinstance(value, bytes | memoryview)]
    assert stored and not any(word in value for value in stored for word in (MAIL.encode(), code.encode()))
    assert MAIL not in repr(addresses.of_person(conn, person))


def test_the_advice_worker_opens_addresses_and_can_read_no_contact_and_no_identifier(
    conn: psycopg.Connection, database: str
) -> None:
    person = citizen(conn)
    identifiers.add(conn, person, "urn:x", "00123456")
    addresses.add(conn, person, "email", MAIL, confirmed=True)
    with pool.alone(database, "worker", role="phr_advice") as worker:
        assert told(worker, person) == [(person, MAIL)]
        for table in ("identity.persons", "identity.identifiers", "identity.names", "health.line_links"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                worker.execute(f"select * from {table}")
        for column in ("digest", "code_hash"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                worker.execute(f"select {column} from health.channel_addresses")
        addresses.forget(worker, addresses.of_people(worker, [person], "email")[0].address_id)
    assert addresses.of_person(conn, person) == []


def test_no_other_worker_reads_addresses(database: str) -> None:
    for role in ("phr_ingest", "phr_figures", "phr_bridge", "phr_gatekeeper", "phr_operator"):
        with pool.alone(database, "worker", role=role) as worker, pytest.raises(psycopg.errors.InsufficientPrivilege):
            worker.execute("select address from health.channel_addresses")


def test_an_app_that_somebody_else_signs_in_to_tells_them_alone(conn: psycopg.Connection) -> None:
    one, other = citizen(conn), citizen(conn)
    for person in (one, other, other):
        addresses.add(conn, person, "fcm", "the app's token", confirmed=True)
    assert told(conn, one, other, channel="fcm") == [(other, "the app's token")]
    for person in (one, other):  # an e-mail address can be a couple's
        addresses.add(conn, person, "email", MAIL, confirmed=True)
    assert told(conn, one, other) == [(one, MAIL), (other, MAIL)]


def test_who_blocks_the_line_account_is_told_there_no_more(conn: psycopg.Connection) -> None:
    person = citizen(conn)
    nonce = line_links.ask(conn, person)
    assert line_links.link(conn, "another nonce", "U1") is None
    assert line_links.link(conn, nonce, "U1") == person
    assert line_links.link(conn, nonce, "U2") is None  # good once
    assert told(conn, person, channel="line") == [(person, "U1")]
    addresses.gone(conn, "line", "U2", datetime.now(UTC))
    assert told(conn, person, channel="line")
    addresses.gone(conn, "line", "U1", datetime.now(UTC))
    assert told(conn, person, channel="line") == []


def test_a_nonce_that_is_too_old_or_followed_by_a_newer_one_links_nothing(conn: psycopg.Connection) -> None:
    person = citizen(conn)
    first, second = line_links.ask(conn, person), line_links.ask(conn, person)
    assert line_links.link(conn, first, "U1") is None
    conn.execute("update health.line_links set expires_at = now() - interval '1 second'")
    assert line_links.link(conn, second, "U1") is None


def test_a_person_has_a_few_addresses_of_a_channel_and_the_unconfirmed_go_after_a_day(conn: psycopg.Connection) -> None:
    person = citizen(conn)
    for number in range(MOST):
        addresses.add(conn, person, "email", f"{number}@example.jp")
    with pytest.raises(TooManyAddresses):
        addresses.add(conn, person, "email", MAIL)
    addresses.add(conn, person, "sms", "+819012345678")
    conn.execute("update health.channel_addresses set added_at = now() - interval '25 hours' where channel = 'email'")
    addresses.add(conn, person, "email", MAIL)
    assert [one.address for one in addresses.of_person(conn, person) if one.channel == "email"] == [MAIL]


def test_addresses_take_part_in_a_rotation_of_the_keys(db: ConnectionPool) -> None:
    with db.connection() as conn:
        person = citizen(conn)
        addresses.add(conn, person, "email", MAIL, confirmed=True)
    with db.connection() as conn:
        assert sealing_keys.replace(conn)
    sealing_keys.reseal(db)
    with db.connection() as conn:
        assert told(conn, person) == [(person, MAIL)]
