"""Statistics: who is counted, what is released of it, and that nothing of it changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from store import consents, people, reaching, statistics
from store.statistics import Cell, Table, Tally

NOW = datetime.now(UTC)
MONTH = date(2026, 9, 1)
STEPS = Table("steps", ("readings",), "steps", 100)
SALT = Table("advice: salt", ("advice",), rules=("salt_home_pressure",))


def somebody(
    conn: psycopg.Connection, *, born: date = date(1961, 5, 3), sex: str = "female", town: str = "062049"
) -> int:
    """Who walks 6,000 steps every day of the month."""
    person = people.add(conn, birth_date=born, sex=sex, name="統計 さん", town=town)
    conn.execute(
        "insert into health.days (person_id, day, metric, n, total, mean, low, high, last)"
        " select %s, %s + back, 'steps', 1, 6000, 6000, 6000, 6000, 6000 from generate_series(-1, 30) as back",
        (person.person_id, MONTH),
    )
    return person.person_id


def agree(conn: psycopg.Connection, person_id: int, items: list[str], **given: datetime | str) -> int:
    words = {"purpose": "statistics", "recipient": "city", "text_version": "1", "given_by": "self", "items": items}
    return consents.give(conn, person_id, **(words | {"valid_from": NOW - timedelta(days=9)} | given))  # type: ignore[arg-type]


def counted(conn: psycopg.Connection, table: Table = STEPS, town: str = "062049") -> dict[tuple[str, str], int]:
    return {(one.sex, one.ages): one.people for one in statistics.tally(conn, table, town=town, month=MONTH)}


def test_only_who_agreed_now_and_to_this_is_counted(conn: psycopg.Connection) -> None:
    agreed, withdrew, *others = [somebody(conn) for _ in range(7)]
    far = somebody(conn, town="064611")
    neither = somebody(conn, sex="other")
    for person_id in (agreed, far, neither):
        agree(conn, person_id, ["*"])
    taken_back = agree(conn, withdrew, ["readings"])
    agree(conn, others[0], ["checkup_item"])
    agree(conn, others[1], ["*"], valid_to=NOW - timedelta(minutes=1))
    agree(conn, others[2], ["*"], valid_from=NOW + timedelta(days=1))
    agree(conn, others[3], ["*"], purpose="guidance")
    assert counted(conn)["female", "60-69"] == 2
    assert consents.withdraw(conn, withdrew, taken_back, datetime.now(UTC))
    assert counted(conn) == dict.fromkeys([("female", "60-69"), ("female", "all"), ("all", "60-69"), ("all", "all")], 1)
    assert counted(conn, town="064611")["all", "all"] == 1
    conn.execute(
        "insert into identity.deletion_plans (person_id, asked_by, due_at) values (%s, 'self', now())",
        (agreed,),
    )
    assert counted(conn) == {}


def test_a_person_counts_once_with_the_mean_of_their_days_of_the_month_and_in_their_age(
    conn: psycopg.Connection,
) -> None:
    ages = {date(1961, 9, 1): "60-69", date(1956, 9, 2): "60-69", date(1956, 9, 1): "70-79", date(1930, 1, 1): "90-"}
    for born in ages:
        agree(conn, somebody(conn, born=born), ["readings"])
    conn.execute("update health.days set total = 9000 where day >= %s", (MONTH + timedelta(days=15),))
    found = {one.ages: one for one in statistics.tally(conn, STEPS, town="062049", month=MONTH) if one.sex == "all"}
    assert {name: one.people for name, one in found.items()} == {"60-69": 2, "70-79": 1, "90-": 1, "all": 4}
    assert found["all"].median == found["60-69"].q1 == 7500


def test_advice_is_counted_of_who_agreed_to_that(conn: psycopg.Connection) -> None:
    for items in (["advice"], ["readings"], ["*"]):
        person_id = somebody(conn)
        agree(conn, person_id, items)
        for rule, closed in (("salt_home_pressure", None), ("steps_more", MONTH - timedelta(days=9))):
            conn.execute(
                "insert into health.advice (person_id, rule_id, kind, urgency, audience, title, body, reason, rests_on,"
                " source, judged_at, created_at, closed_at)"
                " values (%s, %s, 'advice', 1, 'citizen', 't', 'b', 'r', '[]', '{}', now(), %s, %s)",
                (person_id, rule, MONTH - timedelta(days=10), closed),
            )
    [everybody] = [
        one for one in statistics.tally(conn, SALT, town="062049", month=MONTH) if one.sex == one.ages == "all"
    ]
    assert (everybody.people, everybody.hits) == (2, 2)
    closed = Table("advice: steps", ("advice",), rules=("steps_more",))
    assert {one.hits for one in statistics.tally(conn, closed, town="062049", month=MONTH)} == {0}


def groups(*rows: tuple[str, str, int, int | None]) -> list[Tally]:
    return [Tally(sex, ages, people, hits, 5149.0, 6151.0, 7050.0) for sex, ages, people, hits in rows]


def test_small_groups_are_hidden_and_figures_rest_on_enough_people() -> None:
    tallies = groups(
        ("female", "60-69", 9, None), ("female", "70-79", 45, None), ("female", "all", 54, None),
        ("male", "60-69", 23, None), ("male", "70-79", 50, None), ("male", "all", 73, None),
        ("all", "60-69", 32, None), ("all", "70-79", 95, None), ("all", "all", 127, None),
    )  # fmt: skip
    cells = {(one.sex, one.ages): one for one in statistics.protected(STEPS, tallies, 10)}
    assert cells["female", "60-69"] == Cell("steps", "female", "60-69", None, None, None, None, None)
    assert {key for key, one in cells.items() if one.people is None} == {
        (sex, ages) for sex in ("female", "male") for ages in ("60-69", "70-79")
    }
    assert cells["all", "60-69"] == Cell("steps", "all", "60-69", 30, None, 6200, None, None)  # no quarter of 10 people
    assert cells["all", "all"] == Cell("steps", "all", "all", 130, 5100, 6200, 7100, None)


@pytest.mark.parametrize(("people", "median", "quarter"), [(19, None, None), (20, 6200, None), (40, 6200, 5100)])
def test_a_figure_has_enough_people_on_each_of_its_sides(people: int, median: int | None, quarter: int | None) -> None:
    tallies = groups(*((sex, ages, people, None) for sex in ("male", "all") for ages in ("60-69", "all")))
    assert {(one.median, one.q1) for one in statistics.protected(STEPS, tallies, 10)} == {(median, quarter)}


@pytest.mark.parametrize(("hits", "share"), [(0, 0), (4, None), (15, 50), (25, None), (30, 100)])
def test_a_share_is_hidden_where_few_were_told_or_few_were_not(hits: int, share: int | None) -> None:
    tallies = groups(*((sex, ages, 30, hits) for sex in ("male", "all") for ages in ("60-69", "all")))
    assert {one.share for one in statistics.protected(SALT, tallies, 10)} == {share}


def test_what_was_released_stays_and_is_all_that_a_researcher_reads(conn: psycopg.Connection) -> None:
    cells = [Cell("steps", "all", "60-69", 30, None, 6200, None, None)]
    statistics.keep(conn, cells, town="062049", month=MONTH, smallest=10)
    with pytest.raises(psycopg.errors.UniqueViolation):
        statistics.keep(conn, [], town="062049", month=MONTH, smallest=10)
    for change in (
        "delete from statistics.cells",
        "update statistics.releases set town = ''",
        "truncate statistics.cells",
    ):
        with pytest.raises(psycopg.errors.RaiseException, match="stays as it is"):
            conn.execute(change)  # type: ignore[call-overload]
    with conn.transaction():
        reaching.as_researcher(conn)
        [release] = statistics.releases(conn, "062049")
        assert list(statistics.cells(conn, release.release_id)) == cells
        for forbidden in ("select from health.days", "select statistics.towns()", "select from audit.looks"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                conn.execute(forbidden)  # type: ignore[call-overload]
