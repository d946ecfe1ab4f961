"""Whatever is sent: no stumbling, and nothing of it comes back in an error."""

import json
import re
from itertools import product
from typing import Any

from fastapi.testclient import TestClient

CANARY = "canary-7261"


def test_an_error_never_repeats_what_was_sent(hanako: TestClient) -> None:
    """Every field of every described body, query and path gets a word that must not come back."""
    spec = hanako.get("/openapi.json").json()
    for path, item in spec["paths"].items():
        for method, said in item.items():
            shape = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            name = shape.get("$ref", "").rpartition("/")[2]
            fields = spec["components"]["schemas"].get(name, {}).get("properties", {})
            answer = hanako.request(
                method,
                re.sub(r"\{\w+\}", CANARY, path),
                json=dict.fromkeys(fields, CANARY) if fields else None,
                params={one["name"]: CANARY for one in said.get("parameters", ()) if one["in"] == "query"},
            )
            assert CANARY not in answer.text, (method, path)


def test_what_is_no_json_is_refused_without_repeating_it(hanako: TestClient) -> None:
    for content, kind in (
        (f'{{"readings": {CANARY}', "application/json"),
        (CANARY, "text/plain"),
        (b"\xff\xfe", "application/json"),
    ):
        answer = hanako.post("/api/entries", content=content, headers={"Content-Type": kind})
        assert answer.status_code in (400, 422)
        assert CANARY not in answer.text


NASTY = [
    "\0",
    "\ud800",
    "a\0b",
    "9" * 400,
    "",
    "0001-01-01T00:00:00+09:00",
    "9999-12-31T23:59:59-12:00",
    10**30,
    -1,
    [],
    None,
]
SOUND: dict[str, dict[str, Any]] = {
    "/api/consents": {"purpose": "push", "recipient": "city", "items": ["*"], "text_version": "2", "valid_to": None},
    "/api/registrations": {"gateway": "gw-hanako", "device": "d", "model": "theengs_scale", "label": "体重計"},
    "/api/unclaimed/claim": {"household": 1, "source_id": 1, "at": "2026-11-01T00:00:00Z"},
    "/api/push/subscriptions": {"endpoint": "https://fcm.googleapis.com/x", "p256dh": "A" * 87, "auth": "A" * 22},
}


def test_no_odd_value_makes_it_stumble(hanako: TestClient, home: int) -> None:
    for path, sound in SOUND.items():
        for field, odd in product(sound, NASTY):
            body = json.dumps(sound | {field: [odd] if field == "items" else odd})
            answer = hanako.post(path, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code < 500, (path, field, odd)
    for path in ("/api/consents", "/api/registrations"):
        assert hanako.get(path).status_code == 200  # nothing unreadable was stored


def test_no_odd_query_makes_it_stumble(hanako: TestClient) -> None:
    words = [one.replace("\ud800", "\ufffe") for one in NASTY if isinstance(one, str)]
    paths = ("/api/readings", "/api/days", "/api/looks", "/api/records")
    for path, name, odd in product(paths, ("metric", "since", "until", "limit"), words):
        assert hanako.get(path, params={"metric": "weight"} | {name: odd}).status_code < 500, (path, name, odd)


def test_ids_out_of_the_databases_range_are_not_found(hanako: TestClient) -> None:
    huge = 10**30
    assert hanako.post(f"/api/advice/{huge}/feedback", json={"answer": "done"}).status_code == 404
    assert hanako.delete(f"/api/consents/{huge}").status_code == 404
    assert hanako.delete(f"/api/registrations/{huge}").status_code == 404
