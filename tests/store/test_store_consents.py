from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from store import consents

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def person(conn: psycopg.Connection) -> int:
    row = conn.execute(
        "insert into health.people (birth_date, sex) values ('1960-01-01', 'male') returning person_id"
    ).fetchone()
    assert row
    return int(row[0])


def give(
    conn: psycopg.Connection, person: int, recipient: str = "0611234567", items: tuple[str, ...] = ("lab",)
) -> int:
    return consents.give(
        conn, person, purpose="phr_records", recipient=recipient, items=items, text_version="1",
        given_by="self", valid_from=NOW - DAY, valid_to=NOW + DAY,
    )  # fmt: skip


def ask(conn: psycopg.Connection, person: int, recipient: str, item: str, at: datetime = NOW) -> int | None:
    return consents.in_force(conn, person, purpose="phr_records", recipient=recipient, item=item, at=at)


def test_a_consent_counts_for_its_recipient_item_and_time_only(conn: psycopg.Connection, person: int) -> None:
    given = give(conn, person)
    assert ask(conn, person, "0611234567", "lab") == given
    assert ask(conn, person, "0619999999", "lab") is None
    assert ask(conn, person, "0611234567", "condition") is None
    assert ask(conn, person, "0611234567", "lab", NOW - 2 * DAY) is None
    assert ask(conn, person, "0611234567", "lab", NOW + 2 * DAY) is None
    assert ask(conn, person + 1, "0611234567", "lab") is None


def test_a_consent_counts_for_the_eyes_that_it_names(conn: psycopg.Connection, person: int) -> None:
    given = give(conn, person)
    conn.execute("update health.consents set audience = '{nurse}'")
    query = "select health.consent_for(person_id, purpose, recipient, items[1], %s, %s) from health.consents"
    assert [conn.execute(query, (NOW, eyes)).fetchone() for eyes in ("nurse", "clinic", None)] == [
        (given,),
        (None,),
        (given,),
    ]


def test_stars_stand_for_every_recipient_and_item(conn: psycopg.Connection, person: int) -> None:
    given = give(conn, person, "*", ("*",))
    assert ask(conn, person, "anywhere", "anything") == given


def test_a_withdrawn_consent_stops_counting_and_stays_as_evidence(conn: psycopg.Connection, person: int) -> None:
    given = give(conn, person)
    assert not consents.withdraw(conn, person + 1, given, NOW)
    assert consents.withdraw(conn, person, given, NOW)
    assert not consents.withdraw(conn, person, given, NOW + DAY)
    assert ask(conn, person, "0611234567", "lab") is None
    assert ask(conn, person, "0611234567", "lab", NOW - DAY / 2) == given
    (kept,) = consents.of_person(conn, person)
    assert (kept.consent_id, kept.withdrawn_at, kept.items) == (given, NOW, ["lab"])


@pytest.mark.parametrize("moment", [NOW - 2 * DAY, NOW - DAY, NOW, NOW + DAY, NOW + 2 * DAY])
def test_the_row_and_the_database_agree_on_what_is_in_force(
    conn: psycopg.Connection, person: int, moment: datetime
) -> None:
    give(conn, person)
    (kept,) = consents.of_person(conn, person)
    assert kept.in_force(moment) == bool(ask(conn, person, "0611234567", "lab", moment))


def test_a_consent_without_items_is_refused(conn: psycopg.Connection, person: int) -> None:
    with pytest.raises(ValueError, match="items"):
        give(conn, person, items=())
