"""With the API's own check taken out, the database still gives nothing of others away and takes nothing in for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from callers import Town, bearer
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from invented_person import NAME, invent
from psycopg_pool import ConnectionPool

from phr_api import doors, reach
from phr_api.doors import AnySession
from store import sessions, staff
from store.people import Person
from store.sessions import Citizen, NurseOnDuty

_HERS = """
select count(*)::text || coalesce(sum(hashtextextended(row::text, 0)), 0)::text from health.{table} as row
 where person_id = %s
"""
_WRITTEN = ("readings", "advice", "consents", "feedback", "device_order", "posts", "push_subscriptions", "corrections")
_BODIES: dict[str, object] = {
    "/api/entries": {"entries": [{"metric": "weight", "value": 61.5, "at": "2026-11-20T08:00:00+09:00"}]},
    "/api/advice/{advice_id}/feedback": {"answer": "done"},
    "/api/consents": {"purpose": "guidance", "text_version": "1"},
    "/api/device-order": {"source_ids": []},
    "/api/gateways/codes": {},
}


@pytest.fixture
def her(db: ConnectionPool) -> Person:
    """Of whom everything is known, and who agreed to be supported by her town."""
    return invent(db, datetime.now(UTC))


@pytest.fixture
def liar(app: FastAPI, town: Town, her: Person) -> Iterator[TestClient]:
    """Signed in as Taro; every endpoint is told that it is her."""

    def claimed(session: AnySession) -> Citizen:
        return Citizen(her.person_id, her.public_id)

    app.dependency_overrides |= {doors.citizen: claimed, doors.signed_in: claimed, doors.fresh: claimed}
    with TestClient(app, headers=bearer(town.taro_token), follow_redirects=False, raise_server_exceptions=False) as it:
        yield it


def test_nothing_of_hers_is_shown_to_who_only_claims_to_be_her(
    liar: TestClient, app: FastAPI, her: Person, conn: psycopg.Connection
) -> None:
    said = conn.execute(
        "select title from health.advice union select title from health.records where title ~ '[ぁ-ん一-龠]'"
    )
    titles = [title for (title,) in said if len(title) > 3]
    assert len(titles) > 5
    shown = 0
    for route in _routes(app, "GET"):
        answer = liar.get(_path(route, conn, her), params=_ASKED.get(route.path, {}))
        shown += answer.status_code == 200
        for hers in (NAME, "0234-00-0000", *titles):
            assert hers not in answer.text, f"{route.path} gives away {hers}"
    assert shown > 10


def test_nothing_is_written_for_whom_one_only_claims_to_be(
    liar: TestClient, app: FastAPI, her: Person, conn: psycopg.Connection
) -> None:
    before, tried = _state(conn, her), 0
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for route in _routes(app, method):
            answer = liar.request(method, _path(route, conn, her), json=_BODIES.get(route.path, {}))
            assert _state(conn, her) == before, (method, route.path)
            tried += answer.status_code not in (404, 405, 415, 422)
    assert _state(conn, her) == before
    assert tried > 3


def test_a_nurse_of_another_town_who_is_let_through_sees_nothing(
    app: FastAPI, conn: psycopg.Connection, her: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = staff.add(conn, name="保健 とおい", town="064611")

    def claimed(session: AnySession) -> NurseOnDuty:
        return NurseOnDuty(far.staff_id, far.name, her.town)

    monkeypatch.setattr(reach, "basis", lambda *_: "consent:1")
    monkeypatch.setattr(reach.people, "by_id", lambda *_: her)
    app.dependency_overrides[doors.nurse] = claimed
    token = sessions.open(conn, staff_id=far.staff_id, second_factor=True)
    with TestClient(app, headers=bearer(token), raise_server_exceptions=False) as nurse:
        assert nurse.get("/api/nurse/worklist").json() == []
        page, summary = nurse.get(f"/nurse/people/{her.public_id}"), nurse.get(f"/api/nurse/people/{her.public_id}")
    for text in (page.text, summary.text):
        assert NAME not in text and "0234-00-0000" not in text and "mmHg" not in text


_ASKED = {
    "/api/readings": {"metric": "weight"},
    "/api/days": {"metric": "weight", "since": "2026-10-01", "until": "2026-11-22"},
}


def _routes(app: FastAPI, method: str) -> list[Any]:
    return [
        route
        for route in iter_route_contexts(app.routes)
        if method in (route.methods or ()) and any(call is doors.session for call in _calls(route.dependant))
    ]


def _calls(dependant: object) -> Iterator[object]:
    yield getattr(dependant, "call", None)
    for inner in getattr(dependant, "dependencies", ()):
        yield from _calls(inner)


def _path(route: Any, conn: psycopg.Connection, her: Person) -> str:
    """The route's address with her own things in it."""
    names = {
        "advice_id": "select max(advice_id) from health.advice where person_id = %s",
        "consent_id": "select max(consent_id) from health.consents where person_id = %s",
        "registration_id": "select max(registration_id) from health.registrations where %s is not null",
        "source_id": "select max(source_id) from health.readings where person_id = %s",
    }
    known = {name: conn.execute(query.encode(), (her.person_id,)).fetchone() or (1,) for name, query in names.items()}
    given = {name: str(value or 1) for name, (value,) in known.items()}
    given |= {"day": "2026-11-20", "public_id": str(her.public_id), "kind": "weight", "metric": "weight"}
    address = route.path
    for name in re.findall(r"{(\w+)}", address):
        address = address.replace(f"{{{name}}}", given.get(name, "1"))
    return address


def _state(conn: psycopg.Connection, her: Person) -> list[object]:
    return [conn.execute(_HERS.format(table=table).encode(), (her.person_id,)).fetchone() for table in _WRITTEN]
