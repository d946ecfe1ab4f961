"""The living lab's programs are told figures and answers of who takes part at this moment, and nobody's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from csv import DictReader
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from callers import Town, bearer
from fastapi import FastAPI
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from store import clients, consents, deletion, people, reaching, sealing, sessions
from store.clock import civil_day, day_start
from store.sessions import Program

NOW = datetime.now(UTC)
TODAY, DAY = civil_day(NOW), timedelta(days=1)
WEIGHTS = {"from": str(TODAY - 60 * DAY), "metric": "weight"}


@pytest.fixture
def program(app: FastAPI, conn: psycopg.Connection) -> Callable[..., TestClient]:
    """A program by its name; the living lab's if nothing else is said."""

    sealing.make(conn, "lookup")

    def made(name: str, role: str = "living_lab") -> TestClient:
        clients.add(conn, name, role=role, facility="0612345" if role == "clinic" else None)
        return TestClient(app, headers=bearer(sessions.open(conn, client_id=name)), raise_server_exceptions=False)

    return made


@pytest.fixture
def lab(program: Callable[..., TestClient]) -> Iterator[TestClient]:
    with program("lab") as opened:
        yield opened


@pytest.fixture
def weighed(conn: psycopg.Connection, town: Town) -> Town:
    """Both weighed themselves on each of ten days, today the last."""
    for number, one in enumerate((town.hanako, town.taro)):
        conn.execute(
            "insert into health.days (person_id, day, metric, n, total, mean, low, high, last)"
            " select %s, %s::date - back, 'weight', 2, null, 60.5 + %s, 60, 71, 61 from generate_series(0, 9) as back",
            (one.person_id, TODAY, 10 * number),
        )
    return town


def takes_part(
    conn: psycopg.Connection,
    who: int,
    items: Sequence[str] = ("*",),
    *,
    since: timedelta,
    lasts: timedelta | None = None,
) -> int:
    given: dict[str, Any] = {"purpose": "living_lab", "recipient": "city", "text_version": "1", "given_by": "self"}
    began = NOW - since
    until = began + lasts if lasts else None
    return consents.give(conn, who, **given, items=items, valid_from=began, valid_to=until)


def rows(program: TestClient, what: str = "days", **more: Any) -> list[dict[str, Any]]:
    answer = program.get(f"/api/living-lab/{what}", params=WEIGHTS | more)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def test_figures_are_told_of_who_takes_part_from_the_day_on_and_of_nobody_else(
    lab: TestClient, conn: psycopg.Connection, weighed: Town
) -> None:
    assert rows(lab) == []
    takes_part(conn, weighed.hanako.person_id, since=3 * DAY)
    found = rows(lab)
    assert [one["day"] for one in found] == [str(TODAY - back * DAY) for back in (3, 2, 1, 0)]
    assert {(one["born"], one["sex"], one["mean"], one["n"]) for one in found} == {(1960, "female", 60.5, 2)}
    assert [one["day"] for one in rows(lab, **{"from": str(TODAY - DAY), "to": str(TODAY - DAY)})] == [str(TODAY - DAY)]
    assert rows(lab, metric="steps") == []


def test_a_consent_that_is_not_in_force_for_it_shows_nothing(
    lab: TestClient, conn: psycopg.Connection, weighed: Town
) -> None:
    ran_out = {"since": 5 * DAY, "lasts": 5 * DAY - timedelta(seconds=1)}
    before_its_period = {"since": -timedelta(hours=1)}
    narrowed = {"since": 5 * DAY, "items": ["answers"]}
    takes_part(conn, weighed.taro.person_id, since=DAY, lasts=9 * DAY)
    for given in (ran_out, before_its_period, narrowed):
        takes_part(conn, weighed.hanako.person_id, **given)  # type: ignore[arg-type]
        assert [(one["born"], one["mean"]) for one in rows(lab)] == [(1950, 70.5)] * 2, given
    for purpose in ("phr", "guidance", "statistics"):
        other = {"purpose": purpose, "recipient": "city", "items": ["*"], "text_version": "1", "given_by": "self"}
        consents.give(conn, weighed.hanako.person_id, **other, valid_from=NOW - DAY)  # type: ignore[arg-type]
        assert {one["born"] for one in rows(lab)} == {1950}, purpose


def test_a_withdrawal_a_planned_deletion_and_leaving_are_dark_with_the_next_request(
    lab: TestClient, conn: psycopg.Connection, weighed: Town
) -> None:
    hanako, taro = weighed.hanako.person_id, weighed.taro.person_id
    given = takes_part(conn, hanako, since=DAY)
    takes_part(conn, taro, since=DAY)
    assert len({one["who"] for one in rows(lab)}) == 2
    assert consents.withdraw(conn, hanako, given, datetime.now(UTC))
    assert {one["born"] for one in rows(lab)} == {1950}
    deletion.ask(conn, taro, by="self", wait=9 * DAY)
    assert rows(lab) == []


def test_a_day_with_a_facilitys_value_is_left_out(lab: TestClient, conn: psycopg.Connection, weighed: Town) -> None:
    takes_part(conn, weighed.hanako.person_id, since=2 * DAY)
    made = conn.execute(
        "insert into health.sources (kind, label, code) values ('record', '病院', '0611111111') returning 1"
    )
    assert made.rowcount == 1
    for metric, moment in (("weight", day_start(TODAY - DAY)), ("pulse", day_start(TODAY))):
        conn.execute(
            "insert into health.readings (person_id, metric, at, source_id, value)"
            " select %s, %s, %s, source_id, 61 from health.sources where code = '0611111111'",
            (weighed.hanako.person_id, metric, moment),
        )
    assert [one["day"] for one in rows(lab)] == [str(TODAY - 2 * DAY), str(TODAY)]


def test_answers_to_everyday_advice_are_told_the_newest_of_each(
    lab: TestClient, conn: psycopg.Connection, town: Town
) -> None:
    hanako = town.hanako.person_id
    takes_part(conn, hanako, ["answers"], since=DAY)
    for rule, kind, given in (
        ("steps_more", "advice", [("not_yet", 2 * DAY), ("not_yet", timedelta()), ("done", timedelta())]),
        ("sleep_short", "advice", [("helpful", 3 * DAY)]),
        ("checkup_pressure", "referral", [("done", timedelta())]),
    ):
        advice = conn.execute(
            "insert into health.advice (person_id, rule_id, kind, urgency, audience, title, body, reason, rests_on,"
            " source, judged_at) values (%s, %s, %s, 1, 'citizen', '題', '文', '理由', '[]', '{}', now())"
            " returning advice_id",
            (hanako, rule, kind),
        ).fetchone()
        assert advice
        for answer, ago in given:
            conn.execute(
                "insert into health.feedback (advice_id, person_id, answer, at) values (%s, %s, %s, %s)",
                (advice[0], hanako, answer, NOW - ago),
            )
    told = [{key: one[key] for key in ("day", "topic", "answer", "born")} for one in rows(lab, "answers")]
    assert told == [{"day": str(TODAY), "topic": "steps", "answer": "done", "born": 1960}]
    assert rows(lab) == []
    table = lab.get("/api/living-lab/answers.csv", params={"from": str(TODAY - 9 * DAY)})
    assert [one["topic"] for one in DictReader(table.text.splitlines())] == ["steps"]


def test_nothing_that_is_told_says_who_it_is(lab: TestClient, conn: psycopg.Connection, weighed: Town) -> None:
    other = people.add(conn, birth_date=NOW.date().replace(year=1911, day=1), sex="other", name="長寿 さん").person_id
    conn.execute(
        "insert into health.days (person_id, day, metric, n, mean, low, high, last)"
        " values (%s, %s, 'weight', 1, 50, 50, 50, 50)",
        (other, TODAY),
    )
    for who in (weighed.hanako.person_id, weighed.taro.person_id, other):
        takes_part(conn, who, since=DAY)
    for address in ("days", "days.csv"):
        text = lab.get(f"/api/living-lab/{address}", params=WEIGHTS).text
        for one in (weighed.hanako, weighed.taro):
            for word in ("花子", "太郎", str(one.public_id), str(one.birth_date), str(one.birth_date.year), "person"):
                assert word not in text
    assert {(one["born"], one["sex"]) for one in rows(lab)} == {(1960, "female"), (1950, "male"), (1920, None)}


def test_a_pseudonym_stays_within_a_program_and_is_another_for_the_next(
    lab: TestClient, program: Callable[..., TestClient], conn: psycopg.Connection, weighed: Town
) -> None:
    given = takes_part(conn, weighed.hanako.person_id, since=DAY)
    [first] = {one["who"] for one in rows(lab)}
    consents.withdraw(conn, weighed.hanako.person_id, given, datetime.now(UTC))
    takes_part(conn, weighed.hanako.person_id, since=DAY)
    assert {one["who"] for one in rows(lab)} == {first} and len(first) == 32
    with program("lab-two") as other:
        assert len({first, *(one["who"] for one in rows(other))}) == 2


def test_pages_hold_each_person_once_and_and_none_is_too_long(
    lab: TestClient, conn: psycopg.Connection, weighed: Town
) -> None:
    for one in (weighed.hanako, weighed.taro):
        takes_part(conn, one.person_id, since=DAY)
    whole = rows(lab)
    assert whole == sorted(whole, key=lambda one: (one["who"], one["day"]))
    asked = WEIGHTS | {"limit": 1}
    first = lab.get("/api/living-lab/days", params=asked).json()
    last = lab.get("/api/living-lab/days", params=asked | {"after": first["next"]}).json()
    assert first["rows"] + last["rows"] == whole and last["next"] is None
    table = lab.get("/api/living-lab/days.csv", params=asked)
    assert table.links["next"]["url"].endswith(f"after={first['next']}")
    on = lab.get("/api/living-lab/days.csv" + table.links["next"]["url"])
    found = [*DictReader(table.text.splitlines()), *DictReader(on.text.splitlines())]
    assert [(one["who"], one["day"], one["unit"]) for one in found] == [(one["who"], one["day"], "kg") for one in whole]
    assert "next" not in on.links
    too_much = [{"from": "2026-01-01"}, {"to": "2020-01-01"}, {"limit": 201}, {"after": "'"}, {"metric": "hba1c"}]
    for odd in too_much:
        refused = lab.get("/api/living-lab/days", params=WEIGHTS | {"to": str(TODAY)} | odd)
        assert refused.status_code == 422, odd


def test_every_person_who_was_shown_reads_that_in_words(
    lab: TestClient, conn: psycopg.Connection, hanako: TestClient, weighed: Town
) -> None:
    given = takes_part(conn, weighed.hanako.person_id, since=DAY)
    rows(lab, metric="steps")
    rows(lab)
    looks = conn.execute(
        "select person_id, role, action, items, purpose, basis, allowed from audit.looks"
        " where actor = 'client:lab' order by look_id"
    ).fetchall()
    same = ("living_lab", "read")
    assert looks == [
        (None, *same, "days: steps", "living_lab", "", True),
        (weighed.hanako.person_id, *same, "days: weight", "living_lab", f"consent:{given}", True),
    ]
    page = hanako.get("/looks", headers={"Accept": "text/html"}).text
    assert "市のリビングラボの担当" in page and "リビングラボのため" in page and "体重" in page


def test_nobody_but_the_living_labs_programs_asks(
    program: Callable[..., TestClient], conn: psycopg.Connection, hanako: TestClient, nurse: TestClient, weighed: Town
) -> None:
    takes_part(conn, weighed.hanako.person_id, since=DAY)
    callers = [hanako, nurse, *(program(f"a-{role}", role) for role in ("clinic", "operator", "researcher"))]
    for caller in callers:
        for address in ("days", "days.csv", "answers", "answers.csv"):
            assert caller.get(f"/api/living-lab/{address}", params=WEIGHTS).status_code == 403
    with program("lab") as lab:
        assert lab.get("/api/statistics").status_code == lab.get("/api/nurse/worklist").status_code == 403


def test_the_database_answers_only_a_living_labs_program_that_is_let_in(
    doors: ConnectionPool, conn: psycopg.Connection, weighed: Town, program: Callable[..., TestClient]
) -> None:
    hanako = weighed.hanako.person_id
    takes_part(conn, hanako, since=DAY)
    program("lab"), program("koeki", "researcher")
    asked = "select count(*) from health.lab_days(%s, 'weight', %s, %s)"
    calls = {asked: ([hanako], TODAY - DAY, TODAY), "select count(*) from health.lab_people('readings')": ()}

    def told(who: Program | None) -> list[int]:
        with doors.connection() as fenced:
            if who:
                reaching.begin(fenced, who)
            return [fenced.execute(call.encode(), given).fetchall()[0][0] for call, given in calls.items()]

    lab = Program("living_lab", "lab")
    assert told(lab) == [2, 1]
    assert told(None) == told(Program("living_lab", "koeki")) == told(Program("living_lab", "nobody")) == [0, 0]
    with doors.connection() as fenced:
        reaching.begin(fenced, lab)
        for table in ("health.people", "health.days", "health.consents", "health.feedback", "identity.names"):
            assert fenced.execute(f"select from {table}".encode()).rowcount == 0
    assert clients.revoke(conn, "lab")
    assert told(lab) == [0, 0]
