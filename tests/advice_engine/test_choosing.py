"""From judging to one push and what became of it, through the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from small_town import Town
from typer.testing import CliRunner

from advice_engine import choosing, learning
from advice_engine.families import NONE, families
from advice_engine.learned import ranker
from advice_engine.rewards import reward
from advice_engine.run import rules, work_once
from phr_api.cli import app
from store import advice, choices, deliveries, due, ranker_nights
from store.choice_outcomes import Seen
from store.choices import Choice
from store.clock import civil_day

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # noon in Japan
TODAY = date(2026, 11, 20)
LAZY = 2500  # steps a day: the walking advice speaks


def lazy(town: Town, *, until: date = TODAY) -> int:
    person = town.person()
    for back in range(28):
        town.day(person, until - timedelta(days=back), "steps", LAZY, total=True)
    return person


def judge(db: ConnectionPool, conn: psycopg.Connection, *people: int, now: datetime = NOW) -> None:
    due.mark(conn, "advice", [(person, TODAY) for person in people])
    while work_once(db, now):
        pass


def made(conn: psycopg.Connection) -> list[Choice]:
    return choices.all_since(conn, NOW - timedelta(days=100))


def walking_taken(conn: psycopg.Connection, person: int, day: date = TODAY, *, told: datetime | None = None) -> None:
    """A choice of walking on that day, delivered when ``told``."""
    at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    with conn.transaction():
        record = choosing.record(conn, [person], rules(), at)
        one = Town(conn).advice(person, "steps_more", kind="advice", closed_at=at)
        conn.execute(
            "insert into health.choices (person_id, day, at, model_id, rules_version, facts_hash, snapshot,"
            " snapshot_hash, options, family, rule_id, advice_id, seed, uniform)"
            " values (%s, %s, %s, %s, '', '', '{}', '', '[]', 'walking', 'steps_more', %s, '', false)",
            (person, day, at, record.model_id, one),
        )
        if told:
            conn.execute(
                "insert into health.deliveries (advice_id, person_id, channel, status, sent_at)"
                " values (%s, %s, 'log', 'sent', %s)",
                (one, person, told),
            )


def test_of_what_the_rules_admit_one_is_pushed_and_the_log_says_with_what_chance(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    people = [lazy(town) for _ in range(12)]
    judge(db, conn, *people)
    logged = made(conn)
    assert [choice.person_id for choice in logged] == people
    told = dict(
        conn.execute(
            "select deliveries.person_id, advice_id from health.deliveries join health.advice using (advice_id)"
            " where kind = 'advice'"
        ).fetchall()
    )
    assert told == {choice.person_id: choice.advice_id for choice in logged if choice.rule_id}
    assert NONE in {choice.family for choice in logged} and len(told) >= 9  # the draw is the same on every run
    for choice in logged:
        assert choice.options[0]["family"] == NONE and sum(one["chance"] for one in choice.options) == pytest.approx(1)
        shown = [row.rule_id for row in advice.open_for(conn, choice.person_id) if row.kind == "advice"]
        assert choice.rule_id is None or shown[0] == choice.rule_id
        assert choice.rule_id in {one["rule"] for one in choice.options}


def test_there_is_one_choice_a_day_and_what_rang_rings_no_more(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person = lazy(town)
    for hours in (0, 1, 2):
        judge(db, conn, person, now=NOW + timedelta(hours=hours))
    assert len(made(conn)) == 1
    town.sent(NOW)
    first = made(conn)[0]
    assert first.rule_id
    for days in range(1, 4):
        judge(db, conn, person, now=NOW + timedelta(days=days))
    assert first.rule_id not in [choice.rule_id for choice in made(conn)[1:]]
    assert conn.execute(
        "select count(*) from health.deliveries where advice_id = %s", (first.advice_id,)
    ).fetchone() == (1,)


def test_each_weeks_swap_is_a_new_piece_that_may_ring_again_once_the_rule_has_rested(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person, source, swap = town.person("1972-02-10"), town.source("record"), "salt_swap_of_week"
    consent = town.consent(person)
    document = town.document(person, "2026-05-01", consent=consent, source=source)
    given = {"consent": consent, "source": source, "document_id": document}
    town.record(person, **given, metric="office_bp_sys", value=135)
    rest = next(rule.rest_days for rule in rules() if rule.id == swap)
    judge(db, conn, person)
    (first,) = (row.advice_id for row in advice.open_for(conn, person) if row.rule_id == swap)
    deliveries.add(conn, [(first, person, "log")], NOW)
    town.sent(NOW)
    offered = {}
    for days in (1, 4, rest - 1, rest + 2):
        judge(db, conn, person, now=NOW + timedelta(days=days))
        town.sent(NOW + timedelta(days=days))
        (now,) = (row.advice_id for row in advice.open_for(conn, person) if row.rule_id == swap)
        assert (now == first) is (days == 1)  # NOW is a Friday
        logged = [choice for choice in made(conn) if choice.at == NOW + timedelta(days=days)]
        offered[days] = any(option["rule"] == swap for choice in logged for option in choice.options)
    assert offered == {1: False, 4: False, rest - 1: False, rest + 2: True}


def test_an_answer_on_the_next_weeks_card_is_an_answer_to_the_rule_that_rang(
    conn: psycopg.Connection, town: Town
) -> None:
    person = town.person()
    walking_taken(conn, person, told=NOW)
    town.answer(person, town.advice(person, "steps_more"), "done")
    town.answer(person, town.advice(person, "other_rule"), "helpful")
    conn.execute("update health.feedback set at = %s", (NOW + timedelta(days=4),))
    choosing.learn(conn, NOW + timedelta(days=5))
    known = conn.execute("select what from health.choice_outcomes where person_id = %s", (person,)).fetchall()
    assert sorted(known) == [("delivered",), ("done",)]


def test_the_day_of_a_red_flag_has_no_choice(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    person = lazy(town)
    town.pressures(person, TODAY, 165, 102)
    judge(db, conn, person)
    assert made(conn) == []
    rung = conn.execute("select kind from health.deliveries join health.advice using (advice_id)").fetchall()
    assert rung == [("red_flag",)]


def test_advice_does_not_ring_on_two_days_in_a_row(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    yesterday, before = lazy(town), lazy(town)
    walking_taken(conn, yesterday, TODAY - timedelta(days=1))
    walking_taken(conn, before, TODAY - timedelta(days=2))
    judge(db, conn, yesterday, before)
    assert {choice.person_id for choice in made(conn) if choice.day == TODAY} == {before}
    pushed = conn.execute("select push from health.decisions where person_id = %s", (yesterday,)).fetchone()
    assert pushed and "held: one every two days" in pushed[0].values()


def test_nobody_is_told_more_than_three_a_week(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    person = lazy(town)
    for back in (2, 4, 6):
        walking_taken(conn, person, TODAY - timedelta(days=back))
    judge(db, conn, person)
    assert len(made(conn)) == 3
    pushed = conn.execute("select push from health.decisions where person_id = %s", (person,)).fetchone()
    assert pushed and "held: three a week" in pushed[0].values()


@pytest.mark.parametrize(("days", "muted"), [(59, True), (61, False)])
def test_two_answers_not_for_me_in_sixty_days_mute_the_family(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, days: int, muted: bool
) -> None:
    person = lazy(town)
    for rule in ("steps_fallen", "steps_fallen"):
        town.answer(person, town.advice(person, rule, closed_at=NOW), "not_for_me")
    conn.execute("update health.feedback set at = %s", (NOW - timedelta(days=days),))
    judge(db, conn, person)
    held = conn.execute("select held from health.decisions where person_id = %s", (person,)).fetchone()
    assert held and (held[0].get("steps_more") == "muted: walking") is muted
    (choice,) = made(conn)
    assert ("walking" not in [option["family"] for option in choice.options]) is muted


def test_a_logged_choice_is_drawn_again_bit_for_bit_and_a_changed_one_is_not(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    walking_taken(conn, person := lazy(town), TODAY - timedelta(days=30), told=NOW - timedelta(days=30))
    with db.connection() as learning_conn:
        assert choosing.learn(learning_conn, NOW) == 1
    judge(db, conn, person)
    models = choices.models(conn)
    choice = made(conn)[-1]
    assert choice.snapshot == {"walking": [0.0, 1.0]} and len(models) == 2
    parameters = models[choice.model_id]
    assert choosing.replays(choice, parameters)
    chance = choice.options[0]["chance"]
    for odd in (
        replace(choice, seed="x"), replace(choice, snapshot={}), replace(choice, uniform=not choice.uniform),
        replace(choice, options=[{**choice.options[0], "chance": chance * (1 + 1e-15)}, *choice.options[1:]]),
    ):  # fmt: skip
        assert not choosing.replays(odd, parameters)
    assert not choosing.replays(choice, ranker.cold())


def test_the_command_says_whether_every_choice_comes_out_again(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHR_DATABASE_URL", database)
    now = datetime.now(UTC)
    person = lazy(town, until=civil_day(now))
    answer = CliRunner().invoke(app, ["advise", "replay"])
    assert (answer.exit_code, answer.output) == (0, "0 choices drawn again, 0 different\n")
    judge(db, conn, person, now=now)
    assert CliRunner().invoke(app, ["advise", "replay"]).output == "1 choices drawn again, 0 different\n"
    walking_taken(conn, person, civil_day(now) - timedelta(days=3))  # written by hand: no draw gives it
    answer = CliRunner().invoke(app, ["advise", "replay"])
    assert answer.exit_code == 1 and "2 choices drawn again, 1 different" in answer.output


@pytest.mark.parametrize(("steps", "value"), [(LAZY + 1, 1.0), (LAZY, 0.0), (None, 0.0)])
def test_walking_is_followed_when_the_seven_days_after_lie_above_the_28_before(
    conn: psycopg.Connection, town: Town, steps: float | None, value: float
) -> None:
    told = TODAY - timedelta(days=8)
    person = lazy(town, until=told - timedelta(days=1))
    town.day(person, told, "steps", 99_000, total=True)  # the day itself belongs to neither side
    walking_taken(conn, person, told, told=NOW - timedelta(days=8))
    for ahead in range(1, 8):
        if steps:
            town.day(person, told + timedelta(days=ahead), "steps", steps, total=True)
    assert choosing.learn(conn, NOW - timedelta(days=1)) == 0  # the seventh day is not over
    assert choosing.learn(conn, NOW) == 1
    assert choosing.learn(conn, NOW + timedelta(days=1)) == 0
    assert choices.counts(conn, NOW + timedelta(hours=1)) == {person: {"walking": (value, 1.0)}}
    assert choices.counts(conn, NOW + timedelta(days=83)) == {person: {"walking": (value / 2, 0.5)}}


def test_what_never_went_out_teaches_nothing(conn: psycopg.Connection, town: Town) -> None:
    person = lazy(town)
    walking_taken(conn, person, TODAY - timedelta(days=20))
    assert choosing.learn(conn, NOW) == 0
    assert conn.execute("select what from health.choice_outcomes").fetchall() == [("undelivered",)]
    assert choices.counts(conn, NOW) == {}


@pytest.mark.parametrize("after", [timedelta(days=1), timedelta(days=9)], ids=["before the reward", "after it"])
def test_what_a_late_receipt_says_never_arrived_teaches_nothing(
    conn: psycopg.Connection, town: Town, after: timedelta
) -> None:
    told = NOW - timedelta(days=8)
    person = lazy(town, until=told.date() - timedelta(days=1))
    walking_taken(conn, person, told.date(), told=told)
    nights = [told + timedelta(days=number) for number in range(1, 14)]
    known = [choosing.learn(conn, night) for night in nights if night <= told + after]
    conn.execute("update health.deliveries set status = 'failed', sent_at = null")
    assert sum(known + [choosing.learn(conn, night) for night in nights if night > told + after]) == (after.days > 7)
    noted = {what for (what,) in conn.execute("select what from health.choice_outcomes").fetchall()}
    assert {"delivered", "undelivered"} <= noted
    assert (choices.counts(conn, nights[-1]), ranker_nights.rewarded(conn, told - timedelta(days=1))) == ({}, [])
    if after.days < 7:  # it arrived after all
        conn.execute("update health.deliveries set status = 'delivered', sent_at = %s", (nights[-1],))
        assert [choosing.learn(conn, nights[-1] + timedelta(days=number)) for number in (1, 2)] == [1, 0]
        assert choices.counts(conn, nights[-1] + timedelta(days=3))


def test_likes_are_noted_and_teach_nothing(conn: psycopg.Connection, town: Town) -> None:
    person = lazy(town)
    walking_taken(conn, person, TODAY - timedelta(days=8), told=NOW - timedelta(days=8))
    conn.execute(
        "insert into health.feedback (advice_id, person_id, answer, at)"
        " select advice_id, person_id, 'helpful', %s from health.choices",
        (NOW - timedelta(days=7),),
    )
    choosing.learn(conn, NOW)
    outcomes = dict(conn.execute("select what, value from health.choice_outcomes").fetchall())
    assert outcomes == {"delivered": None, "helpful": None, "reward": 0.0}


SEEN = Seen(person_id=1, day=TODAY, family="salt")
FOLLOWED = [
    (replace(SEEN, done=True), 1.0), (SEEN, 0.0), (replace(SEEN, weigh_days=7), 0.0),
    (replace(SEEN, family="weighing", weigh_days=4), 1.0), (replace(SEEN, family="weighing", weigh_days=3), 0.0),
    (replace(SEEN, family="measuring_pressure", pressure_days=4, weigh_days=0), 1.0),
    (replace(SEEN, family="measuring_pressure", weigh_days=7), 0.0),
    (replace(SEEN, family="walking", steps_after=9000.0), 0.0), (replace(SEEN, family="gone", done=True), 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "value"), FOLLOWED)
def test_what_counts_as_followed_is_fixed_by_the_family(seen: Seen, value: float) -> None:
    assert reward(seen) == value


def test_every_reward_of_the_table_is_known() -> None:
    assert {family.reward for family in families().values()} == {"steps", "done", "weigh_days", "pressure_days"}


def test_choices_outcomes_and_models_can_only_grow(conn: psycopg.Connection, town: Town) -> None:
    walking_taken(
        conn, lazy(town), datetime.now(UTC).date() - timedelta(days=8), told=datetime.now(UTC) - timedelta(days=8)
    )
    choosing.learn(conn, datetime.now(UTC))
    for table, column in (("choices", "seed"), ("choice_outcomes", "what"), ("ranker_models", "model_id")):
        for change in (f"delete from health.{table}", f"update health.{table} set {column} = 'x'"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                conn.execute(change.encode())


def test_a_model_that_is_not_what_was_kept_chooses_nothing(conn: psycopg.Connection, town: Town) -> None:
    conn.execute("insert into health.ranker_models (model_id, parameters, tries) values ('aa', '{\"kappa\": 1}', 0)")
    with pytest.raises(learning.ChangedParameters):
        choosing.record(conn, [town.person()], rules(), NOW)
