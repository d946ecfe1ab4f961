"""「だれが見たか」: the citizen's view of the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
import pytest
from callers import Town
from fastapi import FastAPI
from fastapi.testclient import TestClient

from phr_api.pages import _look_days, _look_words
from store import audit, staff
from store.clock import JST
from store.looks import Look

MORNING = datetime(2026, 11, 21, 9, 0, tzinfo=JST)


def a_look(number: int, **other: object) -> Look:
    given = Look(
        number, MORNING + timedelta(minutes=number), "staff:1", "nurse", "read", "advice", "guidance", "", True
    )
    return replace(given, **other)  # type: ignore[arg-type]


def note(conn: psycopg.Connection, town: Town, times: int = 1, **other: object) -> None:
    told = {"actor": f"staff:{town.nurse.staff_id}", "role": "nurse", "action": "read", "items": "advice"}
    told |= {"purpose": "guidance", "person_id": town.hanako.person_id} | other
    for _ in range(times):
        audit.note(conn, **told)  # type: ignore[arg-type]


def test_what_was_done_alike_on_a_day_is_one_line() -> None:
    rows = [a_look(1), a_look(30), a_look(70), a_look(80, items="readings: weight"), a_look(24 * 60)]
    (sunday, saturday) = _look_days.by_day(rows, lambda row: row.actor)
    assert [line.when for line in sunday[1]] == ["9:00"]
    assert [(line.when, line.what) for line in saturday[1]] == [
        ("10:20", "測った値、体重"),
        ("9:01〜10:10(3回)", "助言"),
    ]


def test_an_emergency_and_a_refusal_stand_apart() -> None:
    rows = [a_look(1), a_look(2, basis="opening:3"), a_look(3, allowed=False, action="deny", items="GET /nurse")]
    ((_, lines),) = _look_days.by_day(rows, lambda row: row.actor)
    assert [(line.refused, line.emergency, line.did) for line in lines] == [
        (True, False, "見せませんでした"), (False, True, "見ました"), (False, False, "見ました"),
    ]  # fmt: skip


@pytest.mark.parametrize("action", ["read", "write", "import", "open", "sign_in", "frobnicate"])
def test_every_action_is_said_in_japanese(action: str) -> None:
    assert not _look_words.did(action, True).isascii()


def test_staff_are_named_by_role_and_office_and_by_name_only_where_the_city_decided_so(
    app: FastAPI, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    note(conn, town)
    page = hanako.get("/looks").text
    assert "酒田市の保健師" in page and "保健 しおり" not in page and "保健指導のため" in page
    app.state.settings = replace(app.state.settings, audit_names_staff=True)
    assert "酒田市の保健師(保健 しおり)" in hanako.get("/looks").text


def test_a_nurse_of_another_town_who_was_refused_is_told(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    far = staff.add(conn, name="遠く みえ", town="062031")
    note(conn, town, actor=f"staff:{far.staff_id}", action="deny", items="GET /nurse/people/{public_id}",
         purpose="見つかりません", allowed=False)  # fmt: skip
    page = hanako.get("/looks").text
    assert "ほかの市町村の保健師" in page and "見せませんでした" in page


def test_many_looks_of_ones_own_do_not_hide_those_of_others(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    note(conn, town)
    note(conn, town, times=250, actor=f"person:{town.hanako.public_id}", role="citizen", purpose="own")
    assert "酒田市の保健師" in hanako.get("/looks").text


def test_older_looks_are_on_the_next_page(hanako: TestClient, town: Town, conn: psycopg.Connection) -> None:
    note(conn, town, items="readings: steps")
    note(conn, town, times=200)
    first = hanako.get("/looks").text
    assert "歩数" not in first
    address = first.split('href="/looks?before=')[1].split('"')[0]
    second = hanako.get("/looks", params={"before": address}).text
    assert "歩数" in second and "助言" not in second.split("<main")[1].split("</main>")[0]
    assert "これより前の記録はありません" in hanako.get("/looks", params={"before": 1}).text


def test_programs_page_by_number(hanako: TestClient, town: Town, conn: psycopg.Connection) -> None:
    note(conn, town, times=5, basis="consent:7")
    first = hanako.get("/api/looks", params={"limit": 3}).json()
    rest = hanako.get("/api/looks", params={"before": first[-1]["number"]}).json()
    assert [one["mine"] for one in first] == [True, False, False]
    numbers = [one["number"] for one in first + rest]
    assert numbers == sorted(set(numbers), reverse=True) and len(rest) == 3
    assert first[1]["basis"] == "consent"
