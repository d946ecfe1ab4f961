from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from time import monotonic, sleep

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from small_town import Town

from advice_engine import run
from advice_engine.facts import Facts
from advice_engine.run import judge_all, work_once
from advice_engine.words import NO_DIAGNOSIS_EN
from store import advice, consents, due
from store.clock import civil_day

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # noon in Japan
TODAY = date(2026, 11, 20)
FLAG = "home_pressure_high_now"  # mean of 160/100 or more


def ill(town: Town) -> int:
    person = town.person()
    town.pressures(person, TODAY, 165, 102)
    return person


def judge(db: ConnectionPool, conn: psycopg.Connection, *people: int, now: datetime = NOW) -> None:
    due.mark(conn, "advice", [(person, TODAY) for person in people])
    while work_once(db, now):
        pass


def state(conn: psycopg.Connection) -> list[object]:
    """Every row that judging writes, with its version: an update in place shows too."""
    tables = ("advice", "deliveries", "decisions", "due")
    return [conn.execute(f"select xmin::text, * from health.{name} order by 2".encode()).fetchall() for name in tables]


def decision(conn: psycopg.Connection, person: int) -> tuple[list[str], dict[str, str], dict[str, str]]:
    row = conn.execute(
        "select shown, held, push from health.decisions where person_id = %s order by decision_id desc", (person,)
    ).fetchone()
    assert row is not None
    return row


def test_a_red_flag_is_on_the_work_list_after_one_pass(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person, healthy = ill(town), town.person()
    due.mark(conn, "advice", [(person, TODAY), (healthy, TODAY)])
    assert work_once(db, NOW) == 2
    assert work_once(db, NOW) == 0
    (listed,) = advice.worklist(conn, "062049")
    assert listed.person_id == person
    (flag,) = [row for row in listed.advice if row.rule_id == FLAG]
    assert flag.kind == "red_flag" and flag.rests_on[0]["value"] == "165/102 mmHg" and flag.source["guideline"]
    assert flag.english["body"].endswith(NO_DIAGNOSIS_EN) and "165/102 mmHg" in flag.english["body"]
    assert flag.rule_id in [row.rule_id for row in advice.open_for(conn, person)]
    assert decision(conn, person)[2] == {FLAG: "log"}
    assert conn.execute("select advice_id, channel, status from health.deliveries").fetchall() == [
        (flag.advice_id, "log", "due")
    ]


def test_judging_again_changes_nothing(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    people = [ill(town), town.person()]
    judge(db, conn, *people)
    before = state(conn)
    assert before[0] and before[1] and before[2]
    judge(db, conn, *people, now=NOW + timedelta(hours=2))
    assert state(conn) == before
    assert judge_all(db, NOW + timedelta(hours=3)) == 2
    assert state(conn) == before


def test_other_facts_leave_a_new_decision_even_when_nothing_else_changes(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person = ill(town)
    judge(db, conn, person)
    town.reading(person, "glucose", NOW, 101)
    judge(db, conn, person)
    hashes = conn.execute("select facts_hash from health.decisions where person_id = %s", (person,)).fetchall()
    assert len(set(hashes)) == len(hashes) == 2


def test_advice_closes_when_its_rule_falls_silent_and_opens_anew_later(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person = ill(town)
    judge(db, conn, person)
    town.sent(NOW)
    conn.execute("delete from health.readings")
    judge(db, conn, person, now=NOW + timedelta(hours=1))
    assert advice.worklist(conn, "062049") == []
    town.pressures(person, TODAY, 165, 102)
    judge(db, conn, person, now=NOW + timedelta(hours=2))
    rows = conn.execute("select closed_at from health.advice where rule_id = %s order by advice_id", (FLAG,)).fetchall()
    assert rows == [(NOW + timedelta(hours=1),), (None,)]
    assert decision(conn, person)[2][FLAG] == "held: rest period"  # told two hours ago
    assert conn.execute("select count(*) from health.deliveries").fetchone() == (1,)


def test_a_rule_that_has_rested_is_told_again(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    person = ill(town)
    judge(db, conn, person)
    town.sent(NOW - timedelta(days=3))
    conn.execute("update health.advice set closed_at = %s", (NOW,))
    judge(db, conn, person, now=NOW)
    assert decision(conn, person)[2] == {FLAG: "log"}


def test_a_reading_that_stays_very_high_is_told_although_measuring_again_was_told_before(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person, morning = town.person(), NOW - timedelta(hours=4)
    town.pressure(person, morning, 185, 112)
    judge(db, conn, person, now=morning)
    assert decision(conn, person)[2] == {"home_pressure_measure_again": "log"}
    town.sent(morning)
    town.pressure(person, morning + timedelta(minutes=10), 150, 88)
    judge(db, conn, person, now=morning + timedelta(minutes=11))
    assert advice.worklist(conn, "062049") == []
    town.pressure(person, NOW, 190, 115)
    judge(db, conn, person, now=NOW)
    assert decision(conn, person)[2] == {"home_pressure_very_high": "log"}


def test_a_rule_that_fails_leaves_its_open_red_flag_on_the_work_list(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = ill(town)
    judge(db, conn, person)

    def fail(_: Facts) -> None:
        raise ZeroDivisionError

    broken = tuple(replace(rule, when=fail) if rule.id == FLAG else rule for rule in run.rules())
    monkeypatch.setattr(run, "rules", lambda: broken)
    judge(db, conn, person, now=NOW + timedelta(hours=1))
    (listed,) = advice.worklist(conn, "062049")
    assert FLAG in [row.rule_id for row in listed.advice]
    assert decision(conn, person)[1][FLAG] == "rule failed: ZeroDivisionError"


def test_the_next_checkup_is_told_although_the_last_one_said_the_same_kind_of_thing(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person, source = town.person(), town.source("record")
    known = {"consent": town.consent(person), "source": source}

    def checkup(day: str, hba1c: float) -> None:
        document = town.document(person, day, **known)
        town.record(person, **known, document_id=document, metric="hba1c", value=hba1c)

    checkup("2025-10-01", 6.6)
    judge(db, conn, person, now=NOW - timedelta(days=300))
    town.sent(NOW - timedelta(days=300))
    checkup("2026-11-10", 9.1)
    judge(db, conn, person)
    (row,) = [row for row in advice.open_for(conn, person) if row.rule_id == "checkup_glucose"]
    assert row.created_at == NOW and row.rests_on[0]["value"] == "9.1%"
    assert decision(conn, person)[2]["checkup_glucose"] == "log"


def test_advice_that_rested_on_a_record_closes_when_its_consent_is_withdrawn(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person, source = town.person(), town.source("record", code="0611234567")
    known = {"consent": town.consent(person, "0611234567"), "source": source}
    document = town.document(person, "2026-06-01", **known)
    town.record(person, **known, document_id=document, metric="ldl", value=190)
    judge(db, conn, person)
    assert "checkup_lipids" in [row.rule_id for row in advice.open_for(conn, person)]
    now = datetime.now(UTC)
    assert consents.withdraw(conn, person, known["consent"], now)
    assert work_once(db, now + timedelta(seconds=1)) == 1  # marked by the withdrawal itself
    unknown = town.person()
    due.mark(conn, "advice", [(unknown, civil_day(now))])
    assert work_once(db, now + timedelta(seconds=1)) == 1
    left, season = ([row.rule_id for row in advice.open_for(conn, one)] for one in (person, unknown))
    assert left == season  # what everybody is told in summer


def test_who_subscribed_is_told_by_push_and_others_by_the_log(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person, other = ill(town), ill(town)
    town.consent(person, "city", purpose="push")
    conn.execute(
        "insert into health.push_subscriptions (person_id, endpoint, p256dh, auth) values (%s, 'https://x', 'k', 'a')",
        (person,),
    )
    judge(db, conn, person, other)
    channels = dict(conn.execute("select person_id, channel from health.deliveries").fetchall())
    assert channels == {person: "web_push", other: "log"}


def test_a_worker_killed_before_its_commit_leaves_the_marks_and_tells_nobody_twice(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, database: str
) -> None:
    person = ill(town)
    due.mark(conn, "advice", [(person, TODAY)])
    faults: list[BaseException] = []

    def work() -> None:
        try:
            work_once(db, NOW)
        except psycopg.OperationalError as fault:
            faults.append(fault)

    with psycopg.connect(database) as holder:
        holder.execute("lock table health.decisions in exclusive mode")  # its last write waits here
        worker = Thread(target=work)
        worker.start()
        kill_who_waits(conn)
        worker.join(30)
    assert [type(fault) for fault in faults] == [psycopg.errors.AdminShutdown]
    assert conn.execute("select count(*) from health.advice").fetchone() == (0,)
    assert conn.execute("select count(*) from health.deliveries").fetchone() == (0,)
    assert work_once(db, NOW) == 1  # the mark is back
    assert conn.execute("select rule_id from health.advice join health.deliveries using (advice_id)").fetchall() == [
        (FLAG,)
    ]


def kill_who_waits(conn: psycopg.Connection) -> None:
    end = monotonic() + 30
    while monotonic() < end:
        killed = conn.execute(
            "select pg_terminate_backend(pid, 30000) from pg_locks"  # gone with all that it held
            " where not granted and relation = 'health.decisions'::regclass"
        ).fetchall()
        if killed:
            return
        sleep(0.05)
    pytest.fail("nobody waited for the lock")


def test_workers_side_by_side_open_each_advice_once(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    people = [ill(town) for _ in range(20)]
    for _ in range(3):  # several marks a person, taken by different workers
        due.mark(conn, "advice", [(person, TODAY) for person in people])
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: work_once(db, NOW, 7), range(16)))
    assert conn.execute("select count(*) from health.due").fetchone() == (0,)
    told = conn.execute("select person_id from health.deliveries order by person_id").fetchall()
    assert told == [(person,) for person in people]


def test_judging_everybody_says_how_far_it_is_and_finds_what_was_never_marked(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [ill(town) for _ in range(5)]
    monkeypatch.setattr("advice_engine.run.CHUNK", 2)
    seen: list[tuple[int, int]] = []
    assert judge_all(db, NOW, lambda done, total: seen.append((done, total))) == 5
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert {row.person_id for row in advice.worklist(conn, "062049")} == set(people)


def test_a_mark_of_somebody_unknown_is_taken_and_harms_nobody(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person = ill(town)
    due.mark(conn, "advice", [(person, TODAY), (999_999, TODAY)])
    assert work_once(db, NOW) == 2
    assert [row.person_id for row in advice.worklist(conn, "062049")] == [person]
    assert conn.execute("select count(*) from health.due").fetchone() == (0,)


def test_a_red_flag_holds_lesser_advice_back_and_the_log_says_why(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person = ill(town)
    for back in range(28):
        town.day(person, TODAY - timedelta(days=back), "steps", 2500, total=True)
    judge(db, conn, person)
    shown, held, push = decision(conn, person)
    assert shown[0] == FLAG
    assert f"red flag first: {FLAG}" in held.values()
    assert push[FLAG] == "log"


def test_advice_that_is_not_for_them_leaves_the_screen_and_does_not_come_back(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person = town.person()
    for back in range(28):
        town.day(person, TODAY - timedelta(days=back), "steps", 2500, total=True)
    judge(db, conn, person)
    first = next(row for row in advice.open_for(conn, person) if row.kind == "advice")
    assert advice.feedback(conn, person, first.advice_id, "not_for_me")
    assert work_once(db, NOW + timedelta(hours=1)) == 1  # the answer itself made the person due
    judge(db, conn, person, now=NOW + timedelta(hours=2))
    assert first.rule_id not in [row.rule_id for row in advice.open_for(conn, person)]
    assert decision(conn, person)[1][first.rule_id] == "not wanted"
