import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import psycopg
import pytest
from callers import Town, bearer
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from phr_api import audiences, doors
from phr_api.app import create_app
from phr_api.doors import Me, Public
from store.settings import Settings


def test_it_says_that_it_is_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}


def test_without_its_database_it_is_alive_but_not_ready(client: TestClient, doors: ConnectionPool) -> None:
    doors.close()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/healthz", "/api/me", "/nowhere", "/docs", "/openapi.json"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "geolocation=()" in headers["permissions-policy"]
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers


def test_no_page_may_run_a_script_that_is_not_ours(client: TestClient) -> None:
    policy = client.get("/signin").headers["content-security-policy"]
    said = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert {said[name] for name in ("default-src", "script-src", "style-src", "form-action")} == {"'self'"}
    assert said["object-src"] == said["base-uri"] == "'none'"


def test_no_redirect_leads_where_the_host_header_says(nurse: TestClient) -> None:
    for path in ("/nurse/", "/api/looks/", "/static", "//evil.example/nurse/", "/nurse%2f"):
        answer = nurse.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.headers.get("location")) == (404, None), path


def test_behind_https_browsers_are_told_to_stay_there(database: str, doors: ConnectionPool) -> None:
    app = create_app(Settings(database_url=database, public_url="https://phr.example.jp"), doors)
    with TestClient(app) as client:
        assert "max-age" in client.get("/healthz").headers["strict-transport-security"]


def test_errors_are_problem_details_that_say_what_to_do(client: TestClient) -> None:
    answer = client.get("/api/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "見つかりません",
        "status": 404,
        "detail": "この画面はありません。はじめの画面から、開き直してください。 No such address: see /docs.",
    }
    wrong = client.put("/healthz")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")


def test_a_body_of_more_than_a_megabyte_is_refused(hanako: TestClient) -> None:
    answer = hanako.post("/api/entries", content=b" " * 1_000_001, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    pieces = (b" " * 100_000 for _ in range(11))  # chunked: no Content-Length to go by
    answer = hanako.post("/api/entries", content=pieces, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_a_fault_tells_its_number_and_nothing_else(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/broken", dependencies=[Public])
    def broken() -> None:
        raise ValueError("weight 61.75 of 酒田 花子")

    with TestClient(app) as client:
        answer = client.get("/broken")
    reference = re.search(r"受付番号 (\w{8}) ", answer.json()["detail"])
    assert answer.status_code == 500
    assert reference and reference[1] in caplog.text  # the help desk finds the place in the log
    assert "61.75" not in answer.text + caplog.text
    assert "花子" not in answer.text + caplog.text


def test_what_an_endpoint_wrote_before_it_failed_is_not_kept(app: FastAPI, conn: psycopg.Connection) -> None:
    @app.get("/half", dependencies=[Public])
    def half(conn: doors.Conn) -> None:
        conn.execute("insert into health.households default values")
        raise RuntimeError

    with TestClient(app) as client:
        assert client.get("/half").status_code == 500
    assert conn.execute("select count(*) from health.households").fetchone() == (0,)


def test_what_an_endpoint_wrote_is_committed_before_the_answer(app: FastAPI, conn: psycopg.Connection) -> None:
    @app.post("/whole", dependencies=[Public])
    def whole(conn: doors.Conn) -> None:
        conn.execute("create table late (a int primary key deferrable initially deferred)")
        conn.execute("insert into late values (1), (1)")  # fails at commit only

    with TestClient(app) as client:
        assert client.post("/whole").status_code == 500


@pytest.mark.parametrize("audience", [[], [Public]])
def test_an_endpoint_without_exactly_one_audience_stops_the_start(app: FastAPI, audience: list[object]) -> None:
    router = APIRouter(prefix="/api")
    if audience:

        @router.get("/forgotten", dependencies=[Public])
        def both(me: Me) -> None: ...

    else:

        @router.get("/forgotten")
        def none() -> None: ...

    app.include_router(router)
    with pytest.raises(RuntimeError, match=r"\['GET'\] /api/forgotten: declare exactly one audience"):
        audiences.check(app.routes)


def test_a_plain_route_or_a_mounted_application_stops_the_start(app: FastAPI) -> None:
    app.mount("/inner", FastAPI())
    with pytest.raises(RuntimeError, match="/inner"):
        audiences.check(app.routes)


def test_many_callers_share_few_connections(app: FastAPI, db: ConnectionPool, town: Town) -> None:
    with TestClient(app, headers=bearer(town.hanako_token)) as client, ThreadPoolExecutor(60) as many:
        codes = list(many.map(lambda _: client.get("/api/me").status_code, range(120)))
    assert set(codes) == {200}


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def test_the_reference_needs_no_script_and_no_network(client: TestClient) -> None:
    answer = client.get("/docs")
    page = _Links()
    page.feed(answer.text)
    assert answer.status_code == 200
    assert {"script", "style", "iframe"}.isdisjoint(page.tags)
    assert all(link.startswith(("#", "/")) and not link.startswith("//") for link in page.links)
    assert all(client.get(link).status_code == 200 for link in page.links if link.startswith("/"))


def test_the_reference_shows_every_endpoint_and_shape(client: TestClient) -> None:
    page, spec = client.get("/docs").text, client.get("/openapi.json").json()
    for path, item in spec["paths"].items():
        for method, said in item.items():
            assert f"<b>{method.upper()}</b> {path}</code>" in page
            assert re.search(r"[ぁ-ん一-龥].* / \w", said["summary"]), path  # Japanese / English
    for shape in spec["components"]["schemas"]:
        assert f'id="shape-{shape}"' in page
