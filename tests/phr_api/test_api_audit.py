"""Whatever shows something of a person writes a look: asked of every route there is."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
from callers import Town, agree, bearer
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from test_api_nurse import flag
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ingest import days
from phr_api.audiences import _calls
from phr_api.doors import half_signed_in, public
from phr_api.doors import nurse as nurse_door
from phr_api.programs import clinic, living_lab, operator, researcher
from store import consents, openings
from store.clock import civil_day

SILENT = {
    "/me/version",  # a word that changes when something does: it holds no value
    "/nurse/openings",  # what colleagues opened, not whose it is
    "/nurse/papers",  # an empty form
    "/second-factor",  # of staff alone
    "/api/nurse/openings/reported",
    "/proxies/invite",  # an empty form
    "/nurse/proxies",
    "/nurse/desk",  # how many numbers do not fit: a look of nobody's
    "/nurse/links",  # what does not fit about them, not whose they are
    "/api/nurse/link-conflicts",
    "/nurse/letters",  # whoever stands on it is looked at (test_page_letters); nobody of this town does
    "/nurse/letters.csv",
    "/api/nurse/cohort-alerts",  # groups of fifteen and more
}
QUERY = {"metric": "weight"}


def _personal(app: FastAPI) -> Iterator[tuple[str, bool]]:
    """Path of every GET that is not public, and whether it is a 保健師's."""
    for route in iter_route_contexts(app.routes):
        if "GET" in (route.methods or ()) and (dependant := getattr(route, "dependant", None)):
            calls = set(_calls(dependant))
            if not calls & {public, clinic, operator, researcher, living_lab}:
                yield route.path, bool(calls & {nurse_door, half_signed_in})


def test_every_route_that_shows_a_person_writes_a_look(
    app: FastAPI, hanako: TestClient, nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    flag(conn, town.hanako.person_id, datetime.now(UTC))
    now = datetime.now(UTC)
    typed = {"metric": "weight", "value": 61.5, "unit": "kg", "at": now.isoformat()}
    hanako.post("/api/entries", json={"readings": [typed]})
    days.recompute(conn, [(town.hanako.person_id, civil_day(now))])
    conn.execute(
        "insert into health.correction_requests (person_id, facility, words)"
        " values (%s, '0688888888', '日付が違います')",
        (town.hanako.person_id,),
    )
    conn.execute("update identity.staff set role = 'supervisor'")
    openings.add(
        conn, staff_id=town.nurse.staff_id, person_id=town.hanako.person_id, town=town.nurse.town, ground="safety",
        reason="電話にも訪問にも応じない", lasts=timedelta(hours=1),
    )  # fmt: skip
    asked, looked = set(), set()
    named = {"public_id": town.hanako.public_id, "name": "weight", "day": "2026-11-01"}
    for path, hers in _personal(app):
        if set(re.findall(r"{(\w+)}", path)) - named.keys():
            continue  # one thing of an id of its own (a copy, a scan): its tests ask for the look
        before = _looks(conn, town)
        address = path.format(**named)
        status = (nurse if hers else hanako).get(address, params=QUERY).status_code
        assert status in (200, 303), path
        if status == 303:
            continue  # it leads elsewhere and shows nothing
        asked.add(path)
        looked |= {path} if _looks(conn, town) > before else set()
    assert len(asked) > 15
    assert asked - looked == SILENT


def _looks(conn: psycopg.Connection, town: Town) -> int:
    row = conn.execute(
        "select count(*) from audit.looks where person_id = %s and allowed and action = 'read'",
        (town.hanako.person_id,),
    ).fetchone()
    assert row
    return int(row[0])


def test_what_a_header_says_is_no_origin_unless_it_is_an_address(
    app: FastAPI, hanako: TestClient, conn: psycopg.Connection
) -> None:
    proxied = TestClient(ProxyHeadersMiddleware(app, trusted_hosts="*"), headers=dict(hanako.headers))
    for said in ("<b>the mayor</b>", "9" * 3000, "203.0.113.9", "2001:db8::1"):
        assert proxied.get("/api/me", headers={"X-Forwarded-For": said}).status_code == 200
    origins = conn.execute("select origin from audit.looks order by look_id").fetchall()
    assert origins == [("",), ("",), ("203.0.113.9",), ("2001:db8::1",)]


def test_who_agreed_to_advice_alone_shows_the_nurse_no_values(
    app: FastAPI, town: Town, conn: psycopg.Connection
) -> None:
    me = town.hanako.person_id
    flag(conn, me, datetime.now(UTC))
    consents.give(
        conn, me, purpose="guidance", recipient="city", items=["advice"], text_version="1", given_by="self",
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {town.nurse_token}"}
    with TestClient(app, headers=headers) as nurse:
        assert len(nurse.get("/api/nurse/worklist").json()) == 1
        pages = [f"/nurse/people/{town.hanako.public_id}", f"/nurse/people/{town.hanako.public_id}/charts/weight.json"]
        pages.append(f"/api/nurse/people/{town.hanako.public_id}")
        assert [nurse.get(page).status_code for page in pages] == [404, 404, 404]
        agree(conn, me)
        assert nurse.get(pages[0]).status_code == 200


def test_a_look_is_kept_before_its_answer_goes_out(app: FastAPI, town: Town, conn: psycopg.Connection) -> None:
    """Whoever was answered stands in the audit, whatever becomes of the process a moment later."""
    kept: list[int] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept.append(_looks(conn, town))
            await send(message)

        await app(scope, receive, sending)

    with TestClient(watched, headers=bearer(town.hanako_token)) as hanako:
        for path in ("/api/me", "/api/looks", "/api/consents"):
            assert hanako.get(path).status_code == 200
    assert kept == [1, 2, 3]
