"""Groups of a district's age band: who is counted, that small ones are never there, and who reads what was found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from store import cohorts, consents, people, reaching, staff
from store.cohorts import Cell, CohortAlert, Week
from store.sessions import NurseOnDuty

NOW = datetime.now(UTC)
TOWN = "062049"
MONDAY = date(2026, 11, 16)
BORN = date(1950, 1, 1)  # 76 years


def somebody(
    conn: psycopg.Connection, district: str, *, off: float = 0.0, born: date = BORN, agreed: bool = True
) -> int:
    """Pressure of 130 on Mondays and Tuesdays of eleven weeks; ``off`` more in the newest two."""
    person = people.add(conn, birth_date=born, sex="female", name="地区 さん")
    conn.execute(
        "insert into health.days (person_id, day, metric, n, total, mean, low, high, last)"
        " select %(who)s, %(week)s - 7 * back + late, 'bp_sys', 1, null, value, value, value, value"
        " from generate_series(0, 10) as back, generate_series(0, 1) as late,"
        " lateral (select 130.0 + case when back < 2 then %(off)s else 0 end) as of (value)",
        {"who": person.person_id, "week": MONDAY, "off": off},
    )
    if agreed:
        give(conn, person.person_id)
    cohorts.place(conn, [(person.public_id, district)])
    return person.person_id


def give(conn: psycopg.Connection, person_id: int, items: tuple[str, ...] = ("readings", "checkup_item")) -> int:
    return consents.give(
        conn,
        person_id,
        purpose="guidance",
        recipient="city",
        items=list(items),
        text_version="1",
        given_by="self",
        valid_from=NOW - timedelta(days=9),
    )


def counted(conn: psycopg.Connection, weeks: int = 2) -> list[Cell]:
    return cohorts.cells(conn, TOWN, "bp_sys", last=MONDAY, weeks=weeks)


def test_a_group_is_held_against_its_own_usual(conn: psycopg.Connection) -> None:
    for number in range(12):
        somebody(conn, "港", off=10 if number % 2 else 6)
    before, now = counted(conn)
    assert (before.week, now.week) == (MONDAY - timedelta(days=7), MONDAY)
    assert (now.district, now.ages, now.people, now.mean) == ("港", "75-", 12, pytest.approx(8))
    assert now.sd == pytest.approx(2.089, abs=1e-3)
    assert before.mean == pytest.approx(8)  # the week before is no part of anybody's usual


def test_nine_people_are_no_group_and_ten_are(conn: psycopg.Connection) -> None:
    for _ in range(9):
        somebody(conn, "港", off=20)
    assert counted(conn) == []
    somebody(conn, "港", off=20)
    assert {one.people for one in counted(conn)} == {10}


def _move_away(conn: psycopg.Connection, who: int) -> None:
    conn.execute("delete from health.districts where person_id = %s", (who,))


def _leave_the_record(conn: psycopg.Connection, who: int) -> None:
    conn.execute(
        "insert into health.consents"
        " (person_id, purpose, recipient, items, text_version, given_by, valid, withdrawn_at, audience)"
        " select person_id, 'phr', recipient, '{*}', text_version, given_by, valid, now(), audience"
        " from health.consents where person_id = %s limit 1",
        (who,),
    )


def _take_back(conn: psycopg.Connection, who: int) -> None:
    conn.execute("update health.consents set withdrawn_at = now() where person_id = %s", (who,))


def _ask_deletion(conn: psycopg.Connection, who: int) -> None:
    conn.execute("insert into identity.deletion_plans (person_id, asked_by, due_at) values (%s, 'self', now())", (who,))


def _move(conn: psycopg.Connection, who: int) -> None:
    conn.execute("update health.people set town = '064611' where person_id = %s", (who,))


def _grow_young(conn: psycopg.Connection, who: int) -> None:
    conn.execute(
        "update health.people set birth_date = %s where person_id = %s", (MONDAY - timedelta(days=17 * 365), who)
    )


def _measure_once_a_week(conn: psycopg.Connection, who: int) -> None:
    conn.execute("delete from health.days where person_id = %s and extract(isodow from day) = 2", (who,))


@pytest.mark.parametrize(
    "gone", [_move_away, _leave_the_record, _take_back, _ask_deletion, _move, _grow_young, _measure_once_a_week]
)
def test_who_may_not_be_counted_is_not(
    conn: psycopg.Connection, gone: Callable[[psycopg.Connection, int], None]
) -> None:
    who = [somebody(conn, "港") for _ in range(10)]
    assert len(counted(conn)) == 2
    gone(conn, who[3])
    assert counted(conn) == []


def test_a_consent_to_readings_alone_counts_nobody(conn: psycopg.Connection) -> None:
    for _ in range(10):
        give(conn, somebody(conn, "港", agreed=False), ("readings", "advice"))
    assert counted(conn) == []


def test_somebody_without_four_weeks_of_a_usual_is_not_counted(conn: psycopg.Connection) -> None:
    who = [somebody(conn, "港") for _ in range(11)]
    conn.execute(
        "delete from health.days where person_id = %s and day between %s and %s",
        (who[0], MONDAY - timedelta(days=63), MONDAY - timedelta(days=31)),
    )
    assert {one.week: one.people for one in counted(conn)}[MONDAY] == 10


ALERT = CohortAlert("bp_sys", "港", "75-", MONDAY, 31, 7.5, -1.25, (Week(MONDAY, 31, 7.5),))


def test_what_was_found_is_kept_once_a_week_and_a_later_night_replaces_it(conn: psycopg.Connection) -> None:
    cohorts.keep(conn, TOWN, MONDAY, [ALERT])
    cohorts.keep(conn, TOWN, MONDAY, [ALERT])
    assert cohorts.newest(conn, TOWN, MONDAY) == [ALERT]
    cohorts.keep(conn, TOWN, MONDAY, [])
    assert cohorts.newest(conn, TOWN, MONDAY) == []


def test_what_was_found_long_ago_goes(conn: psycopg.Connection) -> None:
    cohorts.keep(conn, TOWN, MONDAY, [ALERT])
    cohorts.keep(conn, TOWN, MONDAY + timedelta(days=406), [])
    assert conn.execute("select count(*) from health.cohort_alerts").fetchone() == (0,)


def test_a_group_of_nine_can_not_even_be_kept(conn: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        conn.execute(
            "insert into health.cohort_alerts (town, metric, district, ages, week, people, shift, town_move, weeks)"
            " values (%s, 'bp_sys', '港', '75-', %s, 9, 1, 0, '[]')",
            (TOWN, MONDAY),
        )


@pytest.mark.parametrize(("town", "seen"), [(TOWN, 1), ("064611", 0)])
def test_the_api_shows_the_alerts_to_the_towns_own_nurse_alone(conn: psycopg.Connection, town: str, seen: int) -> None:
    cohorts.keep(conn, TOWN, MONDAY, [ALERT])
    hired = staff.add(conn, name="保健 しおり", town=town)
    with conn.transaction():
        conn.execute("set local role phr_api")
        assert cohorts.newest(conn, TOWN, MONDAY) == []
        reaching.begin(conn, NurseOnDuty(hired.staff_id, hired.name, hired.town))
        assert len(cohorts.newest(conn, TOWN, MONDAY)) == seen


def test_a_facilitys_nurse_reads_none(conn: psycopg.Connection) -> None:
    cohorts.keep(conn, TOWN, MONDAY, [ALERT])
    with conn.transaction():
        conn.execute("set local role phr_api")
        reaching.begin(conn, NurseOnDuty(1, "保健 みなと", TOWN, facility="0688888888"))
        assert cohorts.newest(conn, TOWN, MONDAY) == []


def test_where_somebody_lives_is_read_by_no_role_but_who_deletes(conn: psycopg.Connection) -> None:
    somebody(conn, "港")
    for role in ("phr_api", "phr_advice", "phr_operator"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
            conn.execute(f"set local role {role}")
            conn.execute("select * from health.districts")
