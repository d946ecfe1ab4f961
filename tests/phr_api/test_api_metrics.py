import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from callers import AppOn, Town, bearer
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from psycopg_pool import ConnectionPool

from store import due, gateways, rejections, set_aside
from store.model import Rejection
from store.set_aside import Raw
from store.settings import Settings

NOW = datetime.now(UTC)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "production.md"


@pytest.fixture
def measured(app_on: AppOn, database: str, doors: ConnectionPool) -> Iterator[TestClient]:
    settings = Settings(database_url=database, metrics_token="of prometheus", public_url="http://testserver")
    with TestClient(app_on(settings, doors)) as opened:
        yield opened


def test_the_towns_figures_tell_what_waits_and_what_was_refused(
    measured: TestClient, conn: psycopg.Connection, town: Town
) -> None:
    refused = Rejection(
        origin="t", reason="not_json", detail="", raw=b"canary 61.7", received_at=NOW, gateway_id="gw-1"
    )
    rejections.add(conn, [refused, refused])
    due.mark(conn, "days", [(town.hanako.person_id, date(2026, 11, 1))])
    conn.execute("update health.due set marked_at = now() - interval '1 hour'")
    gateways.add(conn, "gw-1", "any")
    set_aside.add(conn, [Raw(b"phr/v1/gw-1/band", b"canary 61.7", False, NOW - timedelta(minutes=n)) for n in (1, 30)])
    text = measured.get("/metrics", headers=bearer("of prometheus")).text
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert told["phr_rejections_open", "not_json"] == 2
    assert told["phr_due_marks", "days"] == 1 and told["phr_due_oldest_seconds", "days"] > 3599
    assert told["phr_set_aside_messages",] == 2 and 1799 < told["phr_set_aside_oldest_seconds",] < 9999
    assert told["phr_gateways_live",] == 1
    assert told["phr_readings_written_total",] >= 0
    assert "canary 61.7" not in text and "酒田" not in text


def test_without_its_token_the_figures_are_not_there(measured: TestClient, client: TestClient, town: Town) -> None:
    for headers in ({}, bearer("wrong"), bearer(town.nurse_token), bearer("")):
        assert measured.get("/metrics", headers=headers).status_code == 404
    assert client.get("/metrics", headers=bearer("")).status_code == 404  # no token is set: nobody can have it


def test_while_the_token_is_changed_both_are_good(app_on: AppOn, database: str, doors: ConnectionPool) -> None:
    with TestClient(app_on(Settings(database_url=database, metrics_token="the new one\nthe old one"), doors)) as both:
        answers = [both.get("/metrics", headers=bearer(token)) for token in ("the new one", "the old one", "one", "")]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 404]


def test_every_figure_is_on_the_page_for_operators_and_no_other(measured: TestClient) -> None:
    text = measured.get("/metrics", headers=bearer("of prometheus")).text
    told = {family.name for family in text_string_to_metric_families(text)}
    paragraph = PAGE.read_text("utf-8").partition("The API answers `/metrics`")[2].partition("\n\n")[0]
    named = {name.removesuffix("_total") for name in re.findall(r"`(phr_\w+)", paragraph)}
    assert named == told
