"""Who may: every route x every kind of caller, as ``matrix.toml`` says, with real requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import access_digest
import pytest
from access_requests import OUTCOMES, Row, asked, request, rows, things
from access_world import SUBJECTS
from conftest import ORIGIN, Copy, Town
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from httpx2 import Response
from psycopg_pool import ConnectionPool

from phr_api.app import create_app
from phr_api.doors import COOKIE
from store.settings import Settings

ROWS = rows()
SAFE, REFUSED = ("GET",), ("401", "403", "404", "409")


def routes(app: FastAPI) -> set[tuple[str, str]]:
    return {(method, one.path) for one in iter_route_contexts(app.routes) for method in one.methods or ()}


def call(town: Town, row: Row, role: str, **more: Any) -> Response:
    """The row's request as this role's browser sends it."""
    asked = request(row, things(town.world, role)) | more
    headers = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}
    if role != "nobody":
        headers["Cookie"] = f"{COOKIE}={town.world.tokens[role]}"
    town.client.cookies.clear()
    return town.client.request(**asked | {"headers": headers | asked.get("headers", {})})


def _told(answer: Response, named: dict[str, Any], *kinds: str) -> list[str]:
    """Which of the subject's words the caller is told, in the body or in the headers."""
    told = answer.text + " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    return [word for kind in kinds for word in named[kind] if word in told]


def _last_look(town: Town) -> int:
    [(last,)] = town.owner.execute("select coalesce(max(look_id), 0) from audit.looks").fetchall()
    return int(last)


def _looks_after(town: Town, last: int) -> list[tuple[str, bool, str]]:
    return town.owner.execute(
        "select actor, allowed, items from audit.looks where look_id > %s order by look_id", (last,)
    ).fetchall()


@pytest.fixture
def before(unchanged: Town) -> dict[str, str]:
    """What stands in the town that nobody may change."""
    return access_digest.everything(unchanged.owner)


def test_the_matrix_has_a_line_for_every_route_and_no_other(unchanged: Town) -> None:
    there, said = routes(unchanged.app), {(row.method, row.route) for row in ROWS}
    assert there - said == set(), "routes without a line in matrix.toml"
    assert said - there == set(), "lines without a route"
    assert asked().keys() <= {row.name for row in ROWS}, "requests without a line"


def test_the_matrix_says_nothing_but_known_outcomes() -> None:
    assert {outcome for row in ROWS for outcome in row.expected.values()} <= OUTCOMES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_who_may_not_learns_nothing_and_changes_nothing(unchanged: Town, before: dict[str, str], row: Row) -> None:
    refused = {role: outcome for role, outcome in row.expected.items() if outcome in REFUSED}
    found, last = {}, _last_look(unchanged)
    for role in refused:
        answer = call(unchanged, row, role)
        found[role] = str(answer.status_code)
        assert _told(answer, things(unchanged.world, role), "own", "home") == [], role
    assert found == refused
    assert access_digest.everything(unchanged.owner) == before
    assert _looks_after(unchanged, last) == [look for role in refused for look in _to_be_noted(unchanged, row, role)]


def _to_be_noted(town: Town, row: Row, role: str) -> list[tuple[str, bool, str]]:
    """Somebody known was refused something of a person."""
    personal = row.expected["nobody"] == "401" and role != "nobody" and row.expected[role] in ("403", "404")
    return [(town.world.actors[role], False, f"{row.method} {row.route}")] if personal else []


@pytest.mark.parametrize("row", [row for row in ROWS if row.method in SAFE], ids=lambda row: row.name)
def test_who_reads_gets_no_more_than_the_matrix_says_and_changes_nothing(
    unchanged: Town, before: dict[str, str], row: Row
) -> None:
    for role in _let_in(row):
        _answered(unchanged, row, role)
    assert access_digest.everything(unchanged.owner) == before


@pytest.mark.parametrize("row", [row for row in ROWS if row.method not in SAFE], ids=lambda row: row.name)
def test_who_writes_changes_no_more_than_the_matrix_says(copy: Copy, row: Row) -> None:
    for roles in _of_different_subjects(_let_in(row, "ok", "home")):
        with copy() as town:
            for role in roles:
                _answered(town, row, role)
    apart = _let_in(row, "apart")
    if apart:
        with copy() as town:
            for role in apart:
                _answered(town, row, role)


def _let_in(row: Row, *outcomes: str) -> list[str]:
    wanted = outcomes or ("ok", "home", "apart")
    return [role for role, outcome in row.expected.items() if outcome in wanted]


def _of_different_subjects(roles: list[str]) -> list[list[str]]:
    """What one caller did to a subject must not stand in the next one's way."""
    states = [role for role in roles if role in SUBJECTS]
    return [states, *([role] for role in roles if role not in SUBJECTS)] if states else [[role] for role in roles]


def _answered(town: Town, row: Row, role: str) -> None:
    named, outcome = things(town.world, role), row.expected[role]
    before = {} if row.method in SAFE else _not_shared(town, named, outcome)
    answer = call(town, row, role)
    assert answer.status_code in (200, 201, 204, 303), (role, answer.text)
    if outcome == "ok":
        silent = row.method not in SAFE or "silent" in asked().get(row.name, {})
        assert silent or _told(answer, named, "own", "home"), f"nothing of the subject is shown to {role}"
        return
    assert _told(answer, named, *(("own",) if outcome == "home" else ("own", "home"))) == [], role
    if row.method not in SAFE:
        assert _not_shared(town, named, outcome) == before, role


def _not_shared(town: Town, named: dict[str, Any], outcome: str) -> dict[str, str]:
    """What stands there of the subject; of what a household shares only where the caller is not of it.

    A gateway that a relative shuts out ends the subject's registrations with it.
    """
    household = named["household"] if outcome == "apart" else None
    found = access_digest.of_subject(town.owner, named["person_id"], household)
    if outcome == "home":
        del found["health.registrations"]
    return found


@pytest.fixture(scope="module")
def demo(application: tuple[FastAPI, TestClient]) -> Iterator[FastAPI]:
    with ConnectionPool("", open=False, max_size=4) as pool:
        yield create_app(Settings(embedded=True, public_url="http://127.0.0.1:8080"), pool)


def test_what_only_the_demo_has_is_not_there_in_production(unchanged: Town, demo: FastAPI) -> None:
    extra = routes(demo) - routes(unchanged.app)
    assert extra
    for method, path in sorted(extra):
        answer = unchanged.client.request(method, path, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code in (404, 405), (method, path)
