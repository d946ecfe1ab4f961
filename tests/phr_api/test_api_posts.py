"""What telephone apps post: one answer for one key, nothing twice, nothing lost, no success where nothing was kept."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient

from devices.catalogue import models
from store.clock import civil_day

DAY = civil_day(datetime.now(UTC)) - timedelta(days=20)  # what is over a year old is a broken clock's
AT = f"{DAY}T07:00:00+09:00"
SPAN = {"since": f"{DAY - timedelta(days=12)}T00:00:00+09:00", "until": f"{DAY + timedelta(days=19)}T00:00:00+09:00"}


def reading(value: float = 61.5, **other: Any) -> dict[str, Any]:
    return {"metric": "weight", "value": value, "unit": "kg", "at": AT} | other


def batch(*readings: dict[str, Any]) -> bytes:
    return json.dumps({"readings": readings or [reading()]}).encode()


def post(client: TestClient, content: bytes, key: str = "key-0001", **query: str) -> tuple[int, Any]:
    asked = {"device": "Pixel 8"} | query
    answer = client.post("/api/readings", content=content, params=asked, headers={"Idempotency-Key": key})
    return answer.status_code, answer.json()


def count(conn: psycopg.Connection, table: str) -> int:
    row = conn.execute(f"select count(*) from health.{table}").fetchone()  # type: ignore[arg-type]
    assert row
    return int(row[0])


def test_a_posted_reading_is_read_again_with_its_telephone_as_source(
    hanako: TestClient, conn: psycopg.Connection
) -> None:
    assert post(hanako, batch()) == (201, {"stored": 1, "already": 0, "refused": [], "rejection_id": None})
    (one,) = hanako.get("/api/readings", params={"metric": "weight"} | SPAN).json()["readings"]
    assert (one["value"], one["source"]) == (61.5, "Pixel 8(スマートフォンから)")
    assert conn.execute("select work, day::text from health.due").fetchall() == [("days", str(DAY))]


def test_the_same_post_again_gets_the_same_answer_and_stores_nothing(
    hanako: TestClient, conn: psycopg.Connection
) -> None:
    first = post(hanako, batch(reading(), reading(999.0, metric="glucose", unit="stone")))
    headers = {"Idempotency-Key": "key-0001"}
    again = hanako.post(
        "/api/readings",
        content=batch(reading(), reading(999.0, metric="glucose", unit="stone")),
        params={"device": "Pixel 8"},
        headers=headers,
    )
    assert (again.status_code, again.json()) == first
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (count(conn, "readings"), count(conn, "rejections"), count(conn, "posts")) == (0, 1, 1)


def test_another_post_under_the_same_key_is_refused(hanako: TestClient, conn: psycopg.Connection) -> None:
    post(hanako, batch())
    for content, query in ((batch(reading(62.0)), {}), (batch(), {"device": "Pixel 9"})):
        status, problem = post(hanako, content, **query)
        assert (status, problem["title"]) == (422, "この送信番号は別の内容で使われています")
    assert count(conn, "readings") == 1


def test_a_key_is_its_owners_alone(hanako: TestClient, taro: TestClient, conn: psycopg.Connection) -> None:
    assert post(hanako, batch())[0] == post(taro, batch())[0] == 201
    assert count(conn, "readings") == 2


def test_an_answer_is_forgotten_after_thirty_days(hanako: TestClient, conn: psycopg.Connection) -> None:
    post(hanako, batch())
    conn.execute("update health.posts set posted_at = now() - interval '31 days'")
    assert post(hanako, batch()) == (200, {"stored": 0, "already": 1, "refused": [], "rejection_id": None})
    assert count(conn, "posts") == 1


def test_of_posts_with_one_key_at_once_one_stores_and_all_get_its_answer(
    hanako: TestClient, conn: psycopg.Connection
) -> None:
    together = threading.Barrier(4)

    def send(_: int) -> tuple[int, Any]:
        together.wait()
        return post(hanako, batch(), "at-the-same-time")

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(4)))
    assert answers == [(201, {"stored": 1, "already": 0, "refused": [], "rejection_id": None})] * 4
    assert (count(conn, "readings"), count(conn, "posts")) == (1, 1)


def test_where_nothing_was_kept_nothing_is_called_a_success(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    status, answer = post(hanako, b"weight 61.75", "key-0001")
    assert (status, answer["stored"], answer["already"]) == (422, 0, 0)
    assert answer["refused"] == [{"reason": "not_json", "detail": "the payload is not valid JSON in UTF-8"}]
    row = conn.execute("select rejection_id, origin, device, person_id, gateway_id, raw from health.rejections")
    assert row.fetchall() == [
        (answer["rejection_id"], "post:phr_readings/Pixel 8", "Pixel 8", town.hanako.person_id, None, b"weight 61.75")
    ]


def test_the_sound_part_is_stored_and_the_rest_is_named(hanako: TestClient, conn: psycopg.Connection) -> None:
    later = f"{DAY + timedelta(days=1)}T07:00:00+09:00"
    status, answer = post(
        hanako, batch(reading(), reading(61.75, unit="stone", at=later), reading(615.25, at=AT[:-7] + "1+09:00"))
    )
    assert (status, answer["stored"]) == (201, 1)
    (refusal,) = answer["refused"]
    assert refusal["reason"] == "bad_readings" and "readings[1] unit_unknown" in refusal["detail"]
    assert "61.75" not in str(answer) and "615" not in str(answer)
    assert count(conn, "rejections") == 1


def test_another_value_for_a_moment_is_told_and_kept_beside_the_first(
    hanako: TestClient, conn: psycopg.Connection
) -> None:
    post(hanako, batch(reading(61.5)), "key-0001")
    status, answer = post(hanako, batch(reading(62.5)), "key-0002")
    assert (status, answer["stored"], answer["already"]) == (422, 0, 0)
    assert answer["refused"][0]["reason"] == "contradicts_stored"
    assert conn.execute("select value from health.readings").fetchall() == [(61.5,)]
    assert conn.execute("select reason, detail ~ '6[12]' from health.rejections").fetchall() == [
        ("contradicts_stored", False)
    ]


def test_a_step_count_that_grew_is_new_and_one_that_did_not_was_there(hanako: TestClient) -> None:
    def steps(value: float) -> bytes:
        return batch(reading(value, metric="steps", unit="{steps}", seconds=3600))

    told = [post(hanako, steps(value), f"key-000{n}")[1] for n, value in enumerate((400, 900, 900, 700))]
    assert [(one["stored"], one["already"]) for one in told] == [(1, 0), (1, 0), (0, 1), (0, 1)]


def test_every_model_is_read_as_over_mqtt(hanako: TestClient, conn: psycopg.Connection) -> None:
    at = {"effective_time_frame": {"date_time": AT}}
    point = json.dumps({"body_weight": {"value": 61.5, "unit": "kg"}} | at).encode()
    assert post(hanako, point, "key-omh-1", model="open_mhealth", device="watch")[1]["stored"] == 1
    (example, *_) = models()["fhir_observation"].examples
    assert post(hanako, example.payload, "key-fhir-1", model="fhir_observation", device="cuff")[1]["stored"] == 1
    assert conn.execute("select count(distinct source_id) from health.readings").fetchone() == (2,)


def test_what_the_devices_own_clock_showed_is_kept_beside_the_time(
    hanako: TestClient, conn: psycopg.Connection
) -> None:
    example = next(one for one in models()["fhir_observation"].examples if b"67975" in one.payload)
    payload = example.payload.replace(b"2026-11-01", str(DAY).encode())
    assert post(hanako, payload, model="fhir_observation")[0] == 201
    kept = conn.execute("select at - device_at = interval '5 minutes' from health.stated_times").fetchall()
    assert kept == [(True,)]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({"model": "no_such_model"}, "key-0001"),
        ({"device": "a/b"}, "key-0001"),
        ({"device": ""}, "key-0001"),
        ({}, "short"),
        ({}, "has a blank in it"),
        ({}, "x" * 201),
    ],
)
def test_what_a_post_must_say_is_asked_for(
    hanako: TestClient, conn: psycopg.Connection, query: dict[str, str], key: str
) -> None:
    status, problem = post(hanako, batch(), key, **query)
    assert status == 422 and "title" in problem
    assert hanako.post("/api/readings", content=batch(), params={"device": "Pixel 8"}).status_code == 422
    assert count(conn, "readings") == count(conn, "rejections") == 0


def test_four_megabytes_pass_and_more_do_not(hanako: TestClient) -> None:
    padded = batch() + b" " * (3_900_000 - len(batch()))
    assert post(hanako, padded)[0] == 201
    status, problem = post(hanako, padded + b" " * 200_000, "key-0002")
    assert (status, problem["title"]) == (413, "大きすぎます")


def test_a_post_is_written_down_once(hanako: TestClient, conn: psycopg.Connection) -> None:
    post(hanako, batch())
    post(hanako, batch())
    looks = conn.execute("select actor like 'person:%', action, items, purpose from audit.looks").fetchall()
    assert looks == [(True, "write", "readings", "own")]
