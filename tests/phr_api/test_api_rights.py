"""A copy, a deletion, a request for correction: by the person alone, after a fresh sign-in where it matters."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from callers import bearer
from fastapi.testclient import TestClient
from invented_person import NAME, invent

from phr_api import jobs
from store import deletion, exports, sessions
from store.pool import open_pool
from store.settings import Settings

NOW = datetime.now(UTC)
HTML = {"Accept": "text/html"}


@pytest.fixture
def her(db):
    return invent(db, NOW)


@pytest.fixture
def hana(app, her, conn):
    """Her program, signed in just now."""
    with TestClient(
        app, headers=bearer(sessions.open(conn, person_id=her.person_id)), follow_redirects=False
    ) as opened:
        yield opened


@pytest.fixture
def browser(app, her, conn):
    """Her browser, signed in just now."""
    cookies = {"phr_session": sessions.open(conn, person_id=her.person_id)}
    headers = HTML | {"Sec-Fetch-Site": "same-origin"}
    with TestClient(app, headers=headers, cookies=cookies, follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def worker(database):
    """One look of the jobs worker, in its own role."""
    with open_pool(database, role="phr_jobs") as pool:
        yield lambda now=None: jobs.work_once(Settings(database_url=database), pool, now or datetime.now(UTC))


def an_hour_ago(conn, her):
    conn.execute(
        "update identity.sessions set signed_in_at = signed_in_at - interval '1 hour' where person_id = %s",
        (her.person_id,),
    )


def test_a_copy_is_asked_for_watched_fetched_and_dropped(hana, worker, her):
    asked = hana.post("/api/exports").json()
    assert (asked["state"], hana.post("/api/exports").json()["export_id"]) == ("waiting", asked["export_id"])
    path = f"/api/exports/{asked['export_id']}"
    assert hana.get(f"{path}/file").status_code == 410
    assert worker()
    seen = hana.get(path).json()
    assert seen["state"] == "ready" and seen["done"] == seen["total"] > 500
    answer = hana.get(f"{path}/file")
    assert answer.headers["content-type"] == "application/zip" and len(answer.content) == seen["bytes"]
    assert "no-store" in answer.headers["cache-control"]
    said = json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("export.json"))
    assert said["person"]["name"] == NAME
    assert hana.delete(path).status_code == 204
    assert hana.get(f"{path}/file").status_code == 410
    assert [(one["state"], one["why"]) for one in hana.get("/api/exports").json()] == [("stopped", "person")]


def test_somebody_elses_copy_is_as_if_it_were_not_there(hana, taro, worker, conn, town):
    asked = hana.post("/api/exports").json()["export_id"]
    assert worker()
    absent = "00000000-0000-4000-8000-000000000000"
    for method, path in (("GET", ""), ("GET", "/file"), ("DELETE", "")):
        foreign = taro.request(method, f"/api/exports/{asked}{path}")
        assert (foreign.status_code, foreign.json()) == (
            404,
            taro.request(method, f"/api/exports/{absent}{path}").json(),
        )
    assert taro.get("/api/exports").json() == []
    refused = conn.execute("select count(*) from audit.looks where not allowed and actor like 'person:%%'").fetchone()
    assert refused == (6,)


def test_an_old_sign_in_neither_makes_nor_fetches_nor_deletes(hana, worker, conn, her):
    asked = hana.post("/api/exports").json()["export_id"]
    assert worker()
    an_hour_ago(conn, her)
    assert hana.get(f"/api/exports/{asked}").status_code == 200
    for method, path in (("POST", "/api/exports"), ("GET", f"/api/exports/{asked}/file"), ("POST", "/api/deletion")):
        answer = hana.request(method, path)
        assert answer.status_code == 401 and "max_age=600" in answer.headers["www-authenticate"]
    assert deletion.of_person(conn, her.person_id) is None


def test_so_many_copies_a_day_and_no_more(hana, worker):
    for _ in range(5):
        asked = hana.post("/api/exports").json()["export_id"]
        hana.delete(f"/api/exports/{asked}")
    answer = hana.post("/api/exports")
    assert answer.status_code == 429 and answer.headers["retry-after"]


def test_a_deletion_is_planned_told_taken_back_and_carried_out(hana, worker, conn, her):
    assert hana.get("/api/deletion").json()["plan"] is None
    told = hana.post("/api/deletion").json()
    due = datetime.fromisoformat(told["plan"]["due_at"])
    assert timedelta(days=13) < due - datetime.now(UTC) < timedelta(days=15)
    assert "health.readings" in told["goes"] and "audit.sealed" in told["stays"]
    assert [hana.delete("/api/deletion").status_code for _ in range(2)] == [204, 204]
    hana.post("/api/deletion")
    assert not worker(due - timedelta(hours=1))
    assert worker(due + timedelta(minutes=1))
    assert hana.get("/api/me").status_code == 401  # signed out everywhere
    assert worker(due + timedelta(hours=1))
    assert conn.execute("select count(*) from health.people where person_id = %s", (her.person_id,)).fetchone() == (0,)


def test_a_correction_is_asked_for_and_the_record_stays(hana, taro, conn, her):
    record = hana.get("/api/records").json()[0]
    new = {"record_id": record["record_id"], "words": "別の人の結果だと思います。"}
    assert taro.post("/api/correction-requests", json=new).status_code == 404
    first, again = (hana.post("/api/correction-requests", json=new).json() for _ in range(2))
    assert first["request_id"] == again["request_id"] and first["facility"] == record["facility"]
    assert hana.get("/api/records").json()[0] == record
    assert len(hana.get("/api/correction-requests").json()) == 1 and taro.get("/api/correction-requests").json() == []


def test_the_page_leads_through_all_of_it_without_a_script(browser, worker, conn, her):
    page = browser.get("/rights").text
    assert "ファイルを作る" in page and "すべて消す" in page and "{{" not in page
    assert browser.post("/rights/exports").headers["location"] == "/rights#copy"
    assert "順番を待っています" in browser.get("/rights").text
    assert worker()
    page = browser.get("/rights").text
    assert "できました" in page
    [copy] = exports.of_person(conn, her.person_id)
    assert browser.get(f"/rights/exports/{copy.export_id}/file").content[:2] == b"PK"
    record = conn.execute("select min(record_id) from health.shown_records").fetchone()[0]
    asked = browser.post("/rights/corrections", data={"record_id": record, "words": "ちがいます"})
    assert asked.headers["location"] == "/rights?said=request#corrections"
    assert "お預かりしています" in browser.get("/rights").text
    assert browser.post("/rights/deletion").status_code == 422  # the box must be ticked
    browser.post("/rights/deletion", data={"sure": "yes"})
    assert "すべて消えます" in browser.get("/rights").text
    browser.post("/rights/deletion/take-back")
    assert deletion.of_person(conn, her.person_id) is None
    assert browser.post(f"/rights/exports/{copy.export_id}/drop").status_code == 303
    assert exports.of_person(conn, her.person_id)[0].state == "stopped"


def test_what_the_worker_did_stands_among_the_looks(hana, worker, her, conn):
    hana.post("/api/exports")
    worker()
    assert conn.execute(
        "select count(*) from audit.looks where person_id = %s and actor = 'worker:jobs' and items = 'export'",
        (her.person_id,),
    ).fetchone() == (1,)
