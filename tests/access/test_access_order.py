"""What a model says of somebody is told to no citizen, by no page, route or copy, and to no 保健師 without consent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from access_requests import Row, rows
from access_world import OWNER, SUBJECTS
from conftest import Copy, Town
from test_access_matrix import call

from phr_api.commands.learn_risk import shipped
from store import models, personal, reaching, risk_orders
from store.models import SHADOW
from store.risk_orders import Place
from store.sessions import Citizen

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CITIZENS = ("self", "family", "sees")
GETS = [row for row in rows() if row.method == "GET" and row.expected["self"] in ("ok", "home", "apart")]
SAID, PLACE = "まん中は 7.7", "424242"  # in words, and as a number that nothing else has


@pytest.fixture(scope="module")
def ordered(copy: Copy) -> Iterator[Town]:
    """A town in which a model stands that says something of every subject."""
    with copy() as town:
        with town.owner.transaction():
            place(town.owner, [town.world.things[mark]["person_id"] for mark in (OWNER, *SUBJECTS.values())])
        yield town


def place(conn: psycopg.Connection, people: list[int]) -> None:
    model = models.add(conn, shipped("high_glucose"), "operator:test")
    models.shadow(conn, model, "operator:test", NOW - SHADOW)
    models.approve(conn, model, "保健師長", NOW)
    terms = [{"parts": [{"input": "bmi", "value": 33.0, "usual": 7.7}], "raises": True}]
    found = [Place(person, "high_glucose", "female 40-54", 1, int(PLACE), terms, NOW) for person in people]
    risk_orders.replace(conn, model, found)


@pytest.mark.parametrize("row", GETS, ids=lambda row: row.name)
def test_no_page_and_no_route_tells_a_citizen(ordered: Town, row: Row) -> None:
    told = {role: call(ordered, row, role).text for role in CITIZENS}
    assert [role for role, text in told.items() if SAID in text or PLACE in text] == []


def test_the_database_shows_a_citizen_no_row_of_it_not_even_their_own(ordered: Town) -> None:
    owner = ordered.world.things[OWNER]
    with ordered.app.state.pool.connection() as conn:
        reaching.begin(conn, Citizen(owner["person_id"], UUID(owner["public_id"])))
        assert conn.execute("select count(*) from health.risk_orders").fetchone() == (0,)
        assert risk_orders.standing(conn, [owner["person_id"]]) == []


def test_the_copy_of_everything_leaves_it_out_and_says_so() -> None:
    [table] = [one for one in personal.tables() if one.name == "health.risk_orders"]
    assert not table.exported and table.because


def test_her_work_list_tells_the_nurse_with_consent_to_checkups_and_no_other(ordered: Town) -> None:
    [row] = [one for one in rows() if one.name == "GET /api/nurse/worklist"]
    [page] = [one for one in rows() if one.name == "GET /nurse"]
    answer = call(ordered, row, "nurse").json()
    of_owner = [one for one in answer if one["person"]["public_id"] == ordered.world.things[OWNER]["public_id"]]
    assert [order["people"] for order in of_owner[0]["order"]] == [int(PLACE)]
    assert SAID in call(ordered, page, "nurse").text
    narrow = ordered.world.things["zqnarrow"]["public_id"]
    assert [one["order"] for one in answer if one["person"]["public_id"] == narrow] == [[]]
    for role in ("far", "unnamed", "half", "clinic", "operator", "research", "lab"):
        assert PLACE not in call(ordered, page, role).text + call(ordered, row, role).text
