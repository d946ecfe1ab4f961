"""The newest values on the citizen's page."""

from datetime import UTC, datetime, timedelta

import psycopg
from callers import Town
from fastapi.testclient import TestClient

from ingest import days
from store import readings
from store.model import Reading

HTML = {"Accept": "text/html"}
_WORDS = "いつもの値と大きくちがうので"


def test_a_weight_that_no_body_can_have_is_shown_with_a_word_of_its_own(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    now = datetime.now(UTC)
    weights = [Reading(town.hanako.person_id, "weight", now - timedelta(days=n), 1, 61.0, 0, 0, now) for n in (3, 2, 1)]
    days.recompute(conn, readings.add(conn, weights))
    assert _WORDS not in hanako.get("/", headers=HTML).text
    suitcase = Reading(town.hanako.person_id, "weight", now, 1, 15.0, 0, 0, now)
    days.recompute(conn, readings.add(conn, [suitcase]))
    page = hanako.get("/", headers=HTML).text
    assert "15.0" in page and _WORDS in page
