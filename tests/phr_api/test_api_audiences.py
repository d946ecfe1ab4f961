"""Who is not signed in; and every look is written down. The other callers: tests/access."""

from collections import defaultdict
from uuid import uuid4

import psycopg
from callers import Town, bearer
from fastapi import FastAPI
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from phr_api.app import create_app
from store.settings import Settings

Cell = tuple[str, str]


def cells(app: FastAPI) -> list[Cell]:
    """(method, path) of every described endpoint."""
    return [(method, path) for path, item in app.openapi()["paths"].items() for method in item]


def personal(app: FastAPI) -> list[Cell]:
    return [(m, p) for m, p in cells(app) if "security" in app.openapi()["paths"][p][m]]


def call(client: TestClient, cell: Cell, **more: object) -> int:
    method, path = cell
    ids = defaultdict(
        lambda: "1", public_id=str(uuid4()), metric="weight", at="2026-11-01T07:00:00+09:00", day="2026-11-01"
    )
    path = path.format_map(ids)
    body = {} if method in ("post", "put", "patch") else None
    return client.request(method, path, json=body, **more).status_code  # type: ignore[arg-type]


def test_anonymous_is_refused_wherever_somebody_must_be_signed_in(app: FastAPI, client: TestClient) -> None:
    asked = personal(app)
    assert len(asked) >= 20
    assert {cell: call(client, cell) for cell in asked} == dict.fromkeys(asked, 401)


def test_anonymous_is_served_where_nothing_personal_is_shown(app: FastAPI, client: TestClient) -> None:
    open_to_all = set(cells(app)) - set(personal(app))
    redeem = ("post", "/api/gateways")  # the code in the body is the permission
    asked = {("get", "/healthz"), ("get", "/readyz"), ("get", "/api/models"), ("get", "/api/push/key")}
    asked |= {("get", "/metrics"), ("get", "/api/consent-words")}
    holders = {("post", f"/api/tokens{path}") for path in ("", "/refresh", "/revoke")}  # what they hold is theirs
    programs = ("post", "/oauth/token")
    signed = {("post", "/api/line/webhook"), ("post", "/api/receipts/{channel}")}  # by a secret that both sides hold
    assert open_to_all == asked | {redeem, programs} | holders | signed
    assert {call(client, cell) for cell in asked} <= {200, 404}  # 404: push and metrics are turned off
    assert {call(client, cell) for cell in {redeem, programs} | holders} == {422}
    assert {call(client, cell) for cell in signed} == {404}


def test_every_look_of_a_citizen_is_written_down(app: FastAPI, hanako: TestClient, conn: psycopg.Connection) -> None:
    query = {"metric": "weight"}
    others = ("/api/nurse", "/api/statistics", "/api/living-lab")  # of staff and programs
    own = (cell for cell in personal(app) if cell[0] == "get" and not cell[1].startswith(others))
    asked = [cell for cell in own if "{" not in cell[1].replace("{day}", "")]  # what others must be made for first
    assert len(asked) >= 15
    for count, cell in enumerate(asked, 1):
        assert call(hanako, cell, params=query) == 200
        row = conn.execute("select count(*), max(person_id) from audit.looks where action = 'read'").fetchone()
        assert row is not None
        assert row[0] == count, cell


def test_without_a_way_to_sign_in_every_personal_door_stays_shut(
    database: str, doors: ConnectionPool, town: Town
) -> None:
    app = create_app(Settings(database_url=database), doors)
    with TestClient(app, follow_redirects=False) as client:
        assert {call(client, cell) for cell in personal(app)} == {401}
        page = client.get("/", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["content-type"]) == (401, "text/html; charset=utf-8")
        assert client.post("/signin/citizen", data={"public_id": str(town.hanako.public_id)}).status_code in (404, 405)


def test_a_made_up_token_is_refused(client: TestClient) -> None:
    for token in ("", "x", "ü", "a" * 5000, "' or 1=1 --"):
        raw = {"Authorization": f"Bearer {token}".encode()}
        assert client.get("/api/me", headers=raw).status_code == 401, token  # type: ignore[arg-type]
        assert client.get("/api/me", headers=bearer("") | {"Cookie": "phr_session=x"}).status_code == 401
