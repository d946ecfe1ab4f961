"""The charts' specifications and the browser's script, as the pages fetch them."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from callers import bearer
from fastapi.testclient import TestClient
from invented_person import invent

from phr_api import chart_script
from store import sessions


@pytest.fixture
def her(db):
    return invent(db, datetime.now(UTC))


@pytest.fixture
def hana(app, her, conn):
    headers = bearer(sessions.open(conn, person_id=her.person_id))
    with TestClient(app, headers=headers, follow_redirects=False) as opened:
        yield opened


def test_each_chart_is_a_specification_that_holds_its_own_numbers(hana, conn, her):
    for name in ("weight", "steps", "pressure"):
        spec = hana.get(f"/me/charts/{name}.json").json()
        assert spec["layer"][-1]["name"] == "strips"
        assert "url" not in str(spec).replace("$schema", "").replace("https://vega.github.io/schema", "")
    items = conn.execute("select items from audit.looks where person_id = %s order by look_id", (her.person_id,))
    assert [item for (item,) in items] == ["readings: weight", "readings: steps", "readings: pressure"]


def test_what_was_never_measured_has_no_chart(hanako):
    assert hanako.get("/me/charts/weight.json").status_code == 404
    assert hanako.get("/me/charts/anything.json").status_code == 422


def test_a_nurse_sees_the_same_chart_and_a_stranger_none(nurse, hana, taro, her):
    address = f"/nurse/people/{her.public_id}/charts/weight.json"
    assert nurse.get(address).json() == hana.get("/me/charts/weight.json").json()
    assert taro.get(address).status_code == 403


def test_the_script_comes_from_our_own_address_and_may_be_kept(client):
    answer = client.get(f"/static/charts-{chart_script.tag()}.js")
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert "phrChart" in answer.text and answer.headers["content-encoding"] == "gzip"
    assert client.get("/static/charts-0123.js").status_code == 404


def test_the_script_is_made_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert chart_script.where().parent == tmp_path / "sakata-phr"
    chart_script.make(chart_script.where())
    assert b"phrChart" in gzip.decompress(chart_script.where().read_bytes())
    assert [path.name for path in chart_script.where().parent.iterdir()] == [chart_script.where().name]
