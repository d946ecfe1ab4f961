"""The gate over the database: what it books, what it leaves alone, and that nothing but the stored set decides."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from peers import exhaust
from psycopg_pool import ConnectionPool

from ingest import days, gating
from store import due, people, readings, unclaimed
from store.model import Reading
from store.unclaimed import Unclaimed

MORNING = datetime(2026, 10, 1, 21, 0, tzinfo=UTC)  # 6 in the morning of 2 October
HE, SHE = 1, 2
HOME, SCALE, OTHER_SCALE = 1, 1, 2


@pytest.fixture
def couple(conn: psycopg.Connection) -> None:
    """Household 1: HE and SHE since January; source 1 is its scale, source 2 a scale of his own."""
    for sex in ("male", "female"):
        people.add(conn, birth_date=date(1960, 1, 1), sex=sex, name="見本")
    conn.execute("insert into health.households default values")
    conn.execute(
        "insert into health.household_members select 1, p, tstzrange('2026-01-01', null) from generate_series(1, 2) p"
    )
    conn.execute("insert into health.sources (kind, label) values ('device', '体重計'), ('device', '職場の体重計')")


def weighing(day: float, kg: float) -> Unclaimed:
    at = MORNING + timedelta(days=day)
    return Unclaimed(HOME, "weight", at, SCALE, kg, 0, 0, at)


def this(one: Unclaimed) -> dict[str, object]:
    return {"household_id": one.household_id, "source_id": one.source_id, "at": one.at}


def arrive(conn: psycopg.Connection, batch: Sequence[Unclaimed]) -> None:
    """As the ingest worker does it."""
    with conn.transaction():
        unclaimed.add(conn, batch)
        due.mark(conn, "gate", [(HOME, one.at.date()) for one in batch])


def three_claims_of_each(conn: psycopg.Connection) -> None:
    for day in range(3):
        for who, late, kg in ((HE, 0.0, 66.8 + day / 10), (SHE, 0.01, 54.2 - day / 10)):
            one = weighing(day + late, kg)
            arrive(conn, [one])
            with conn.transaction():
                assert unclaimed.claim(conn, who, **this(one)) == 1


def gate(db: ConnectionPool) -> None:
    exhaust(gating.work_once, db)


def weights(conn: psycopg.Connection, person: int) -> list[float]:
    rows = conn.execute("select value from health.readings where person_id = %s order by at, source_id", (person,))
    return [value for (value,) in rows]


def booked(conn: psycopg.Connection) -> list[tuple[object, ...]]:
    """Everything that the gate answers for, and what follows from it."""
    rows = conn.execute(
        "select at, metric, value, claimed_by, claimed_how, probability from health.unclaimed order by at, metric"
    )
    copies = conn.execute("select person_id, at, metric, value from health.readings order by 1, 2, 3")
    last = conn.execute("select person_id, metric, at, value from health.last_values order by 1, 2")
    figures = conn.execute("select person_id, day, metric, n, mean, last from health.days order by 1, 2, 3")
    return [*rows, *copies, *last, *figures]


def test_a_weighing_goes_to_the_member_it_fits(conn: psycopg.Connection, db: ConnectionPool, couple: None) -> None:
    three_claims_of_each(conn)
    arrive(conn, [weighing(3, 66.9), weighing(3.01, 54.1), weighing(3.02, 15.2)])
    gate(db)
    assert weights(conn, HE)[-1] == 66.9 and weights(conn, SHE)[-1] == 54.1
    assert [row.value for row in unclaimed.of_person(conn, HE)] == [15.2]
    assert [row.value for row in unclaimed.by_gate(conn, HE, MORNING)] == [66.9]
    noted = conn.execute(
        "select value, claimed_how, probability > 0.95 from health.unclaimed where probability is not null order by at"
    )
    assert noted.fetchall() == [(66.9, "gate", True), (54.1, "gate", True), (15.2, None, False)]


def test_all_numbers_of_the_measurement_go_along_also_the_late_ones(
    conn: psycopg.Connection, db: ConnectionPool, couple: None
) -> None:
    three_claims_of_each(conn)
    one = weighing(3, 66.9)
    arrive(conn, [one, Unclaimed(HOME, "impedance", one.at, SCALE, 480, 0, 0, one.at)])
    gate(db)
    with conn.transaction():
        unclaimed.add(conn, [Unclaimed(HOME, "body_fat", one.at, SCALE, 21, 0, 0, one.at)])
    gate(db)
    found = conn.execute("select metric from health.readings where person_id = 1 and at = %s order by 1", (one.at,))
    assert found.fetchall() == [("body_fat",), ("impedance",), ("weight",)]
    assert unclaimed.of_person(conn, SHE) == []


def test_nothing_is_assigned_before_enough_is_known(conn: psycopg.Connection, db: ConnectionPool, couple: None) -> None:
    arrive(conn, [weighing(day, 66.8) for day in range(9)])
    gate(db)
    assert weights(conn, HE) == weights(conn, SHE) == []
    assert len(unclaimed.of_person(conn, SHE)) == 9


def test_later_claims_decide_earlier_weighings(conn: psycopg.Connection, db: ConnectionPool, couple: None) -> None:
    arrive(conn, [weighing(-1, 66.7)])
    gate(db)
    assert weights(conn, HE) == []
    three_claims_of_each(conn)
    gate(db)
    assert weights(conn, HE)[0] == 66.7


def test_the_day_figures_of_both_are_due_when_a_weighing_changes_hands(
    conn: psycopg.Connection, db: ConnectionPool, couple: None
) -> None:
    three_claims_of_each(conn)
    one = weighing(3, 66.9)
    arrive(conn, [one])
    gate(db)
    exhaust(days.work_once, db)
    with conn.transaction():
        assert unclaimed.claim(conn, SHE, **this(one)) == 1  # she says it was hers after all
    with conn.transaction():
        assert due.take(conn, "days") == [(HE, date(2026, 10, 5)), (SHE, date(2026, 10, 5))]
    assert weights(conn, HE)[-1] == 67.0 and weights(conn, SHE)[-1] == 66.9
    gate(db)
    assert weights(conn, SHE)[-1] == 66.9  # what people said stands


def test_not_mine_is_never_given_to_the_same_person_again(
    conn: psycopg.Connection, db: ConnectionPool, couple: None
) -> None:
    three_claims_of_each(conn)
    one = weighing(3, 66.9)
    arrive(conn, [one])
    gate(db)
    with conn.transaction():
        assert unclaimed.undo(conn, HE, **this(one)) == 1
    arrive(conn, [weighing(4, 66.9)])
    gate(db)
    assert [row.at for row in unclaimed.of_person(conn, SHE)] == [one.at]
    assert len(weights(conn, HE)) == 4


def test_a_weight_typed_in_counts_as_known_and_the_gate_comes_to_rest(
    conn: psycopg.Connection, db: ConnectionPool, couple: None
) -> None:
    arrive(conn, [weighing(day, 66.8) for day in range(4)])
    gate(db)
    own = [
        Reading(HE, "weight", MORNING + timedelta(days=day, hours=9), OTHER_SCALE, 66.9, 0, 0, MORNING)
        for day in range(3)
    ]
    with conn.transaction():
        gating.follow(conn, readings.add(conn, own))
    gate(db)
    assert weights(conn, HE)[-1] == 66.8
    with conn.transaction():
        conn.execute("delete from health.readings where source_id = %s", (OTHER_SCALE,))
        gating.follow(conn, [(HE, date(2026, 10, 2))])
        assert due.take(conn, "gate") == []  # what the gate itself booked is no reason to ask it again


def steps_of_a_life() -> list[tuple[str, Unclaimed, int]]:
    """Twelve mornings of both, some claimed; a guest, and one weighing that he says is not his."""
    steps: list[tuple[str, Unclaimed, int]] = []
    for day in range(12):
        he, she = weighing(day, 66.8 + day % 3 / 4), weighing(day + 0.01, 60.2 - day % 4 / 5)
        steps += [("arrive", he, HE), ("arrive", she, SHE)]
        if day in (0, 2, 5, 6):
            steps += [("claim", he, HE), ("claim", she, SHE)]
    guest, odd = weighing(7.5, 63.0), weighing(8.5, 66.9)
    return [*steps, ("arrive", guest, 0), ("nobody", guest, HE), ("arrive", odd, 0), ("not mine", odd, HE)]


def take(conn: psycopg.Connection, what: str, one: Unclaimed, who: int) -> None:
    with conn.transaction():
        if what == "nobody":
            unclaimed.nobody(conn, who, **this(one))
        elif what in ("claim", "not mine"):
            unclaimed.claim(conn, who, **this(one))
        if what == "not mine":
            unclaimed.undo(conn, who, **this(one))


def live(conn: psycopg.Connection, db: ConnectionPool, seed: int) -> list[tuple[object, ...]]:
    """Begin with nothing; take the steps in an order of their own for each seed, while workers run now and then."""
    for table in ("readings", "unclaimed", "last_values", "days", "due", "not_mine"):
        conn.execute(f"delete from health.{table}")
    draw, steps = random.Random(seed), steps_of_a_life()
    if seed:
        draw.shuffle(steps)
        steps.sort(key=lambda step: step[0] != "arrive")  # people speak of what they see
    for what, one, who in steps:
        if what == "arrive":
            arrive(conn, [one] * 2)
        else:
            take(conn, what, one, who)
        if draw.random() < 0.3:
            rest(db)
    rest(db)
    return booked(conn)


def rest(db: ConnectionPool) -> None:
    gate(db)
    exhaust(days.work_once, db)


def test_any_order_any_batches_and_any_repetition_give_the_same_bookings(
    conn: psycopg.Connection, db: ConnectionPool, couple: None
) -> None:
    first = live(conn, db, 0)
    assert any(row[4] == "gate" for row in first if len(row) == 6)
    for seed in range(1, 6):
        assert live(conn, db, seed) == first
