"""Which groups are told of: what a whole town does is nobody's news, and one week is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import psycopg
import pytest

from advice_engine import cohort_trials, cohort_watch
from advice_engine.cohorts import GROUPS, LEAST, discoveries, find, shifts
from store import cohorts
from store.cohorts import Cell, CohortAlert

MONDAY = date(2026, 11, 9)
BEFORE = MONDAY - timedelta(days=7)
NAMES = ("港", "松原", "東", "西", "南", "北", "八幡", "平田")


def town(week: date, *, move: float = 0.0, people: int = 40) -> list[Cell]:
    """Eight districts of one age band that all moved alike, but for a little."""
    return [Cell(name, "65-74", week, people, move + place % 3 * 0.1, 8.0) for place, name in enumerate(NAMES)]


def moved(cells: list[Cell], name: str, by: float, **other: int) -> list[Cell]:
    return [replace(one, mean=one.mean + by, **other) if one.district == name else one for one in cells]  # type: ignore[arg-type]


def told(cells: list[Cell]) -> list[str]:
    return [one.district for one in find({"bp_sys": cells}, MONDAY)]


def test_a_group_that_moved_in_both_weeks_is_told_with_its_shift() -> None:
    cells = moved(town(BEFORE), "港", 8) + moved(town(MONDAY), "港", 8)
    (alert,) = find({"bp_sys": cells}, MONDAY)
    assert (alert.metric, alert.district, alert.ages, alert.week, alert.people) == ("bp_sys", "港", "65-74", MONDAY, 40)
    assert alert.shift == pytest.approx(7.9) and alert.town_move == pytest.approx(0.1)
    assert [one.week for one in alert.weeks] == [BEFORE, MONDAY]


def test_one_week_is_not_told_nor_two_that_point_apart() -> None:
    assert told(town(BEFORE) + moved(town(MONDAY), "港", 20)) == []
    assert told(moved(town(BEFORE), "港", -20) + moved(town(MONDAY), "港", 20)) == []


def test_what_the_whole_town_does_is_taken_out() -> None:
    assert told(town(BEFORE, move=9) + town(MONDAY, move=12)) == []
    cells = moved(town(BEFORE, move=9), "港", 8) + moved(town(MONDAY, move=12), "港", 8)
    (alert,) = find({"bp_sys": cells}, MONDAY)
    assert alert.shift == pytest.approx(7.9) and alert.town_move == pytest.approx(12.1)


def test_older_people_swing_more_and_that_is_no_news_of_a_district() -> None:
    def both(week: date) -> list[Cell]:
        return town(week, move=3) + [replace(one, ages="75-", mean=one.mean + 6) for one in town(week, move=3)]

    assert told(both(BEFORE) + both(MONDAY)) == []


@pytest.mark.parametrize("week", [BEFORE, MONDAY])
def test_a_group_of_fewer_than_fifteen_is_never_told(week: date) -> None:
    def cells(people: int) -> list[Cell]:
        small = {one: people if one == week else LEAST for one in (BEFORE, MONDAY)}
        return moved(town(BEFORE), "港", 30, people=small[BEFORE]) + moved(town(MONDAY), "港", 30, people=small[MONDAY])

    assert told(cells(LEAST)) == ["港"]
    assert told(cells(LEAST - 1)) == []


def test_with_few_groups_nobody_knows_what_the_town_does() -> None:
    few = {name for name in NAMES[: GROUPS - 1]}
    cells = moved(town(BEFORE), "港", 30) + moved(town(MONDAY), "港", 30)
    assert told([one for one in cells if one.district in few]) == []


def test_groups_that_differ_more_than_people_do_make_no_news() -> None:
    wild = [replace(one, mean=(-1) ** place * (4.0 + place), sd=2.0) for place, one in enumerate(town(MONDAY))]
    plain = max(abs(one.mean) * 40**0.5 / 2 for one in wild)
    assert plain > 10 and max(abs(one.z) for one in shifts(wild).values()) < 3


def test_the_order_of_rows_changes_nothing() -> None:
    cells = moved(town(BEFORE), "港", 8) + moved(moved(town(MONDAY), "港", 8), "北", -9)
    mixed = list(cells)
    Random(3).shuffle(mixed)
    assert len(find({"bp_sys": cells}, MONDAY)) == 1
    assert find({"bp_sys": mixed}, MONDAY) == find({"bp_sys": cells}, MONDAY)


def test_discoveries_are_those_of_the_worked_example() -> None:
    """Benjamini and Hochberg 1995, section 3.2: fifteen p values, four stand at 5 %."""
    low = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    values = [*low, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1]
    tests = {("bp_sys", (f"{place}", "75-")): value for place, value in enumerate(values)}
    assert {int(place) for _, (place, _) in discoveries(tests, 0.05)} == {0, 1, 2, 3}


def test_quiet_towns_stay_quiet_and_a_shift_is_found() -> None:
    found = cohort_trials.quiet(4, seed=5)
    assert found.told <= 0.5 < found.move_removed < found.plain
    assert cohort_trials.found(8.0, 10, seed=5) >= 0.8


def test_the_watch_keeps_what_it_finds_in_the_database(conn: psycopg.Connection) -> None:
    now = datetime(2026, 11, 18, tzinfo=UTC)
    assert cohort_watch.last_whole_week(now) == MONDAY
    _people(conn, shifted="港")
    assert cohort_watch.watch_all(conn, now) == 1
    (alert,) = cohorts.newest(conn, "062049", MONDAY)
    assert (alert.district, alert.ages, alert.people) == ("港", "75-", 20)
    assert alert.shift == pytest.approx(12, abs=2)
    assert len(alert.weeks) == 9  # of fourteen; the first five have no usual of four weeks
    assert cohort_watch.watch_all(conn, now) == 1  # the same week again: nothing is told twice
    assert conn.execute("select count(*) from health.cohort_alerts").fetchone() == (1,)


def test_the_watch_is_silent_where_no_district_is_known(conn: psycopg.Connection) -> None:
    _people(conn, shifted="港")
    conn.execute("delete from health.districts")
    assert cohort_watch.watch_all(conn, datetime(2026, 11, 18, tzinfo=UTC)) == 0


def _people(conn: psycopg.Connection, shifted: str) -> None:
    """Twenty people of 76 in each of six districts; those of one district are 12 mmHg up for two weeks."""
    conn.execute(
        "insert into health.people (birth_date, sex) select '1950-01-01', 'female' from generate_series(1, 120)"
    )
    conn.execute(
        "insert into health.districts select person_id, (%s::text[])[1 + person_id %% 6] from health.people",
        (list(NAMES[:6]),),
    )
    conn.execute(
        "insert into health.consents (person_id, purpose, recipient, items, text_version, given_by, valid, audience)"
        " select person_id, 'guidance', 'city', '{*}', '1', 'self', tstzrange(now() - interval '9 days', null), '{*}'"
        " from health.people"
    )
    conn.execute(
        "insert into health.days (person_id, day, metric, n, total, mean, low, high, last)"
        " select person_id, %(week)s - 7 * back + late, 'bp_sys', 1, null, v, v, v, v"
        " from health.people join health.districts using (person_id), generate_series(0, 13) as back,"
        " generate_series(0, 1) as late,"
        " lateral (select 130 + (person_id * 37 + back * 11 + late) %% 13 - 6"
        "                 + case when back < 2 and district = %(shifted)s then 12 else 0 end) as of (v)",
        {"week": MONDAY, "shifted": shifted},
    )


def test_an_alert_names_no_person() -> None:
    assert set(CohortAlert.__dataclass_fields__) == {
        "metric", "district", "ages", "week", "people", "shift", "town_move", "weeks",
    }  # fmt: skip
