"""Whose measurement is it? Both doors: the API and the page's plain forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient

from devices.payloads import theengs_scale
from ingest import storing
from ingest.message import Message
from store import booking, households, registrations, unclaimed
from store.unclaimed import Unclaimed

NOW = datetime.now(UTC)
AT = NOW - timedelta(hours=1)


@pytest.fixture
def shared(conn: psycopg.Connection, town: Town, home: int) -> dict[str, object]:
    """Hanako and Taro live together since a week; one weighing of 61.5 kg waits. How the API names it."""
    households.join(conn, home, town.taro.person_id, NOW - timedelta(days=7))
    conn.execute("insert into health.sources (kind, label) values ('device', '体重計(居間)')")
    row = conn.execute("select max(source_id) from health.sources").fetchone()
    assert row is not None
    unclaimed.add(conn, [Unclaimed(home, "weight", AT, row[0], 61.5, 0, 0, NOW)])
    return {"household": home, "source_id": row[0], "at": AT.isoformat()}


@pytest.fixture
def given(conn: psycopg.Connection, town: Town, shared: dict[str, object]) -> dict[str, object]:
    """The same, after the gate gave it to Taro."""
    name = {"household_id": shared["household"], "source_id": shared["source_id"], "at": AT}
    with conn.transaction():
        booking.move(conn, [booking.Move(**name, person_id=town.taro.person_id, how="gate", probability=0.98)])  # type: ignore[arg-type]
    return shared


def form(shared: dict[str, object]) -> dict[str, object]:
    return {"household_id": shared["household"], "source_id": shared["source_id"], "at": shared["at"]}


def test_what_was_given_to_me_is_told_to_me_alone(
    hanako: TestClient, taro: TestClient, given: dict[str, object]
) -> None:
    assert [one["value"] for one in taro.get("/api/unclaimed/given").json()] == [61.5]
    assert hanako.get("/api/unclaimed/given").json() == hanako.get("/api/unclaimed").json() == []
    assert "61.5" not in hanako.get("/", headers={"Accept": "text/html"}).text


def test_not_mine_opens_it_for_the_others(hanako: TestClient, taro: TestClient, given: dict[str, object]) -> None:
    assert hanako.post("/api/unclaimed/undo", json=given).json() == {"moved": 0}
    assert [taro.post("/api/unclaimed/undo", json=given).json()["moved"] for _ in range(2)] == [1, 0]
    assert taro.get("/api/readings", params={"metric": "weight"}).json()["readings"] == []
    assert [one["value"] for one in hanako.get("/api/unclaimed").json()] == [61.5]


def test_who_loses_it_to_another_member_finds_that_among_the_looks(
    hanako: TestClient, taro: TestClient, given: dict[str, object]
) -> None:
    assert hanako.post("/api/unclaimed/claim", json=given).json() == {"moved": 1}
    assert taro.get("/api/unclaimed/given").json() == []
    seen = taro.get("/api/looks").json()
    assert [(one["purpose"], one["action"], one["items"]) for one in seen if not one["mine"]] == [
        ("household", "write", "readings: claim")
    ]
    assert "ご家族" in taro.get("/looks", headers={"Accept": "text/html"}).text


def test_nobodys_is_said_and_taken_back(hanako: TestClient, taro: TestClient, shared: dict[str, object]) -> None:
    assert hanako.post("/api/unclaimed/nobody", json=shared).json() == {"moved": 1}
    assert taro.get("/api/unclaimed").json() == []
    assert taro.post("/api/unclaimed/undo", json=shared).json() == {"moved": 1}
    assert len(hanako.get("/api/unclaimed").json()) == 1


def test_who_moved_out_sees_only_their_own_time(
    conn: psycopg.Connection, taro: TestClient, town: Town, shared: dict[str, object]
) -> None:
    conn.execute(
        "update health.household_members set valid = tstzrange(lower(valid), %s)"
        " where (person_id, household_id) = (%s, %s)",
        (AT - timedelta(minutes=1), town.taro.person_id, shared["household"]),
    )
    assert taro.get("/api/unclaimed").json() == []
    for act in ("claim", "nobody", "undo"):
        assert taro.post(f"/api/unclaimed/{act}", json=shared).json() == {"moved": 0}


def test_a_number_that_names_no_household_is_refused_or_changes_nothing(
    hanako: TestClient, shared: dict[str, object]
) -> None:
    assert hanako.post("/api/unclaimed/claim", json=shared | {"household": 2**63}).status_code == 422
    assert hanako.post("/api/unclaimed/claim", json=shared | {"household": 10**9}).json() == {"moved": 0}
    assert hanako.post("/unclaimed/claim", data=form(shared) | {"source_id": 2**70}).status_code == 422
    assert hanako.post("/unclaimed/steal", data=form(shared)).status_code == 422


def test_the_page_asks_says_what_was_automatic_and_takes_back_without_a_script(
    hanako: TestClient, taro: TestClient, shared: dict[str, object], conn: psycopg.Connection
) -> None:
    html = {"Accept": "text/html"}
    page = hanako.get("/", headers=html).text
    assert "わたしです<span" in page and 'formaction="/unclaimed/nobody"' in page and "自動で" not in page
    assert taro.post("/unclaimed/nobody", data=form(shared)).headers["location"] == "/#waiting"
    page = hanako.get("/", headers=html).text
    assert "「うちの誰でもない」を取り消す" in page and "わたしです<span" not in page
    hanako.post("/unclaimed/undo", data=form(shared))
    hanako.post("/unclaimed/claim", data=form(shared))
    assert "「わたしです」を取り消す" in hanako.get("/", headers=html).text
    assert "取り消す" not in taro.get("/", headers=html).text


def test_the_page_of_whom_it_was_given_to_says_so_and_offers_one_tap(
    taro: TestClient, given: dict[str, object]
) -> None:
    html = {"Accept": "text/html"}
    page = taro.get("/", headers=html).text
    assert "自動であなたの記録にしました" in page and "わたしではない<span" in page
    taro.post("/unclaimed/undo", data=form(given))
    page = taro.get("/", headers=html).text
    assert "自動であなたの記録にしました" not in page and "わたしです<span" in page


def test_who_lives_alone_says_not_mine_of_the_households_scale_on_the_page(
    hanako: TestClient, conn: psycopg.Connection, home: int
) -> None:
    scale = registrations.add(
        conn, gateway_id="gw-hanako", device="s", model="theengs_scale", label="体重計(居間)", household_id=home
    )
    message = Message("phr/v1/gw-hanako/s", theengs_scale(15.2), datetime.now(UTC))
    with conn.transaction():
        storing.store(conn, "slot", storing.decoded(conn, [message]))
    html = {"Accept": "text/html"}
    shown = hanako.get("/", headers=html).text
    assert "わたしではない" in shown and "15.2" in shown
    [given] = hanako.get("/api/unclaimed/given").json()
    assert (given["source_id"], given["household"], given["value"]) == (scale.source_id, home, 15.2)
    assert hanako.post("/unclaimed/undo", data=form(given)).status_code == 303
    assert hanako.get("/api/readings", params={"metric": "weight"}).json()["readings"] == []
    assert "うちの誰でもない" in hanako.get("/", headers=html).text
