"""What the worker does once a week, a night, a month, over the database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool
from small_town import Town
from typer.testing import CliRunner

from advice_engine import choosing, learning, local_refit, off_policy, ranker_night, weekly
from advice_engine.channel import reaching
from advice_engine.families import families
from advice_engine.gather import gather
from advice_engine.learned import ranker
from advice_engine.schedule import Worker, look_back_night, refit_monthly, remind_weekly
from phr_api.cli import app
from store import addresses, choice_outcomes, choices, goals, message_wishes, models, ranker_nights, reflections
from store.goals import NewGoal
from store.message_wishes import Wishes
from store.pool import open_pool
from store.settings import Settings

MONDAY = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # 8:30 of the 23rd in Japan
LAST = date(2026, 11, 16)
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def measuring(town: Town, days: int = 3) -> int:
    person = town.person()
    town.consent(person, "city", purpose="push")
    town.conn.execute(
        "insert into health.push_subscriptions (person_id, endpoint, p256dh, auth, server_key)"
        " values (%s, %s, 'x', 'x', 'x')",
        (person, f"https://push.example/{person}"),
    )
    for back in range(days):
        town.day(person, LAST + timedelta(days=back), "weight", 60.0)
    return person


def reminded(conn: psycopg.Connection) -> list[tuple[int, date]]:
    return conn.execute("select person_id, week from health.deliveries where week is not null order by 1").fetchall()


def test_who_measured_on_three_days_is_told_once_on_monday(conn: psycopg.Connection, town: Town) -> None:
    person, _ = measuring(town), measuring(town, days=2)
    assert weekly.remind(conn, MONDAY - timedelta(days=1)) == 0
    assert weekly.remind(conn, MONDAY) == 1
    assert weekly.remind(conn, MONDAY + timedelta(hours=1)) == 0
    assert reminded(conn) == [(person, LAST)]


@pytest.mark.parametrize("wish", [
    Wishes(silent=("reflection",)), Wishes(paused_until=date(2026, 11, 24)),
])  # fmt: skip
def test_who_wished_for_silence_is_not_told(conn: psycopg.Connection, town: Town, wish: Wishes) -> None:
    message_wishes.keep(conn, measuring(town), wish, by="self")
    assert weekly.remind(conn, MONDAY) == 0


def test_nobody_prints_a_letter_that_says_only_that_the_page_is_there(conn: psycopg.Connection, town: Town) -> None:
    person = measuring(town)
    conn.execute("delete from health.push_subscriptions")
    addresses.add(conn, person, "letter", "post", confirmed=True)
    assert reaching(conn, [person]) == {person: "letter"} and weekly.remind(conn, MONDAY) == 0


def test_who_was_told_something_today_is_left_alone(conn: psycopg.Connection, town: Town) -> None:
    person = measuring(town)
    advice = town.advice(person, "steps_more")
    conn.execute(
        "insert into health.deliveries (advice_id, person_id, channel) values (%s, %s, 'web_push')", (advice, person)
    )
    assert weekly.remind(conn, MONDAY) == 0


def test_the_weekly_job_works_in_the_workers_own_role_and_once(
    database: str, conn: psycopg.Connection, town: Town
) -> None:
    measuring(town)
    with open_pool(database, role="phr_advice") as pool:
        worker = Worker(pool, Settings(), Event())
        for _ in range(2):
            remind_weekly(worker, MONDAY)
    assert len(reminded(conn)) == 1


def test_the_answer_about_a_week_can_change_and_each_is_kept(conn: psycopg.Connection, town: Town) -> None:
    person = town.person()
    given: tuple[reflections.Answer, ...] = ("continue", "continue", "rest")
    for answer in given:
        reflections.answer(conn, person, LAST, answer)
    assert reflections.answered(conn, person, LAST) == "rest"
    kept = conn.execute("select answer from health.reflections order by reflection_id").fetchall()
    assert kept == [("continue",), ("rest",)]


def goal(kind: str = "steps", target: float = 6000.0, **more: Any) -> NewGoal:
    given = {"start": None, "since": LAST, "until": LAST + timedelta(days=60), "advice_id": None}
    return NewGoal(kind=kind, target=target, **given | more)


def test_a_changed_goal_ends_the_one_before_and_the_same_again_is_one(conn: psycopg.Connection, town: Town) -> None:
    person, other = town.person(), town.person()
    first = goals.add(conn, person, goal())
    assert goals.add(conn, person, goal()) == first
    second = goals.add(conn, person, goal(target=7000.0))
    assert [one.goal_id for one in goals.running(conn, person)] == [second.goal_id]
    assert len(goals.history(conn, person)) == 2
    assert not goals.end(conn, other, second.goal_id)
    assert goals.end(conn, person, second.goal_id) and goals.end(conn, person, second.goal_id)
    assert goals.running(conn, person) == []


def test_goals_and_tapped_days_are_facts_and_mark_the_person_as_due(conn: psycopg.Connection, town: Town) -> None:
    person, other = town.person(), town.person()
    goals.add(conn, person, goal("dry_days", 2.0))
    goals.tap(conn, person, "dry_days", LAST)
    goals.tap(conn, person, "dry_days", LAST + timedelta(days=1))
    goals.untap(conn, person, "dry_days", LAST + timedelta(days=1))
    goals.tap(conn, other, "dry_days", LAST + timedelta(days=2))
    found = gather(conn, [person, other], LAST + timedelta(days=4))
    assert [(one.kind, one.tapped) for one in found[person].goals] == [("dry_days", frozenset({LAST}))]
    assert found[other].goals == ()
    assert gather(conn, [person], LAST - timedelta(days=1))[person].goals == ()
    assert conn.execute("select count(*) from health.due where work = 'advice'").fetchone() != (0,)


def pushed(conn: psycopg.Connection, town: Town, people: int, days: int) -> None:
    """Pushes by the cold model's own draw; walking is followed by all, salt by none, and each has its reward."""
    parameters = ranker.cold()
    model = learning.digest(parameters)
    choices.keep_model(conn, model, parameters, tries=0, now=NOW - timedelta(days=100))
    names = ["none", "salt", "walking"]
    for person in [town.person() for _ in range(people)]:
        advice = town.advice(person, "steps_more", closed_at=NOW)
        for back in range(days):
            at = NOW - timedelta(days=10 + back)
            drawn = ranker.draw(choosing.values(parameters, {}, names), f"{person}:{back}")
            if not drawn.index:
                continue
            family = names[drawn.index]
            options = [{"family": n, "rule": n, "chance": c} for n, c in zip(names, drawn.probabilities, strict=True)]
            conn.execute(
                "insert into health.choices (person_id, day, at, model_id, rules_version, facts_hash, snapshot,"
                " snapshot_hash, options, family, rule_id, advice_id, seed, uniform)"
                " values (%s, %s, %s, %s, '', '', '{}', '', %s, %s, 'steps_more', %s, '', false)",
                (person, at.date(), at, model, Jsonb(options), family, advice),
            )
            conn.execute(
                "insert into health.choice_outcomes (person_id, day, what, at, value)"
                " values (%s, %s, 'reward', %s, %s)",
                (person, at.date(), NOW, float(family == "walking")),
            )


def test_a_night_keeps_what_other_policies_would_have_earned(
    database: str, conn: psycopg.Connection, town: Town, tmp_path: Path
) -> None:
    pushed(conn, town, people=40, days=14)
    with open_pool(database, role="phr_advice") as pool:
        worker = Worker(pool, Settings(), Event())
        for _ in range(2):
            look_back_night(worker, NOW)
    [night] = ranker_nights.listing(conn)
    told = {one["policy"]: one for one in night.estimates}
    assert night.decisions > 400 and night.effective >= off_policy.LEAST_ESS
    assert told["newest model, no exploring"]["value"] == pytest.approx(1.0, abs=0.02)
    assert told["by chance"]["effective"] < off_policy.LEAST_ESS and "value" not in told["by chance"]
    assert all(one["low"] <= one["value"] <= one["high"] for one in night.estimates if "value" in one)
    assert sum(one["n"] for one in night.agreement) == night.decisions
    assert night.drift == []
    phr = CliRunner(env={"PHR_DATABASE_URL": database})
    shown = phr.invoke(app, ["learn", "nights", "--html", str(tmp_path / "nights.html")])
    assert shown.exit_code == 0 and "newest model, no exploring" in shown.output and "too few" in shown.output
    assert (tmp_path / "nights.html").read_text("utf-8").count("<svg") == 2


def test_of_too_few_decisions_a_night_keeps_no_estimate(conn: psycopg.Connection, town: Town) -> None:
    pushed(conn, town, people=3, days=14)
    assert ranker_night.look_back(conn, NOW) > 0
    [night] = ranker_nights.listing(conn)
    assert [one["policy"] for one in night.estimates if "value" in one] == ["as logged"]
    assert night.effective < off_policy.LEAST_ESS


def test_nothing_pushed_keeps_nothing(conn: psycopg.Connection) -> None:
    assert ranker_night.look_back(conn, NOW) == 0
    assert ranker_nights.listing(conn) == []


def test_what_moves_beyond_noise_is_told() -> None:
    def rows(family: str, reward: float, count: int) -> list[Any]:
        return [
            ranker_nights.Rewarded(
                person_id=1, at=NOW, model_id="", family=family, snapshot={}, reward=reward,
                options=[{"family": "none", "chance": 0.2}, {"family": family, "chance": 0.8}],
            )
            for _ in range(count)
        ]  # fmt: skip

    same = ranker_night.moved(rows("salt", 1.0, 300), rows("salt", 1.0, 300))
    assert all(one["psi"] <= one["line"] for one in same)
    other = ranker_night.moved(rows("salt", 1.0, 300), rows("walking", 0.0, 300))
    assert all(one["psi"] > one["line"] for one in other)


def test_a_followed_link_is_an_outcome_and_no_reward(conn: psycopg.Connection, town: Town) -> None:
    pushed(conn, town, people=1, days=1)
    [(person, advice)] = conn.execute("select person_id, advice_id from health.choices").fetchall()
    opened = NOW - timedelta(days=9)
    [(delivery,)] = conn.execute(
        "insert into health.deliveries (advice_id, person_id, channel, status, sent_at, changed_at)"
        " values (%s, %s, 'log', 'sent', %s, %s) returning delivery_id",
        (advice, person, opened, opened),
    ).fetchall()
    conn.execute(
        "update health.deliveries set status = 'opened', changed_at = %s where delivery_id = %s", (opened, delivery)
    )
    for _ in range(2):
        choice_outcomes.note(conn, NOW)
    found = conn.execute("select what, at from health.choice_outcomes where what = 'opened'").fetchall()
    assert found == [("opened", opened)]
    assert set(families()) >= {"walking", "salt"}


def test_the_monthly_refit_runs_in_the_workers_role_and_makes_no_model_of_too_few(
    database: str, conn: psycopg.Connection
) -> None:
    with open_pool(database, role="phr_advice") as pool:
        worker = Worker(pool, Settings(), Event())
        refit_monthly(worker, NOW)
    assert models.listing(conn) == []
    assert (
        conn.execute("select value from health.cursors where name = 'advice_engine.local_refit'").fetchone() is not None
    )


def test_the_worker_keeps_a_candidate_and_lets_none_stand(
    database: str, conn: psycopg.Connection, db: ConnectionPool
) -> None:
    with open_pool(database, role="phr_advice") as pool:
        with pool.connection() as worker:
            number = models.add(worker, local_refit.shipped("high_glucose"), local_refit.BY)
        assert models.get(conn, number).state == "candidate"
        with pool.connection() as worker, pytest.raises(psycopg.errors.InsufficientPrivilege):
            worker.execute("update health.models set state = 'active', approver = 'me' where model_id = %s", (number,))
