"""Which device gave which steps: the API and the citizen's page."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from ingest import figures
from store import days, readings, sources
from store.clock import civil_day, day_start
from store.model import Reading

DAY = civil_day(datetime.now(UTC)) - timedelta(days=3)
HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


def counted(source: int, hour: float, steps: float, person_id: int, *, metric: str = "steps") -> Reading:
    at = day_start(DAY) + timedelta(hours=hour)
    return Reading(person_id, metric, at, source, steps, 3600 if metric == "steps" else 0, 0, at)


@pytest.fixture
def devices(conn: psycopg.Connection, town: Town) -> dict[str, int]:
    """A band and a phone that both counted Hanako's hour at nine, the phone more; the band also at ten."""
    made = {
        label: conn.execute(
            "insert into health.sources (kind, label) values ('device', %s) returning source_id", (label,)
        ).fetchone()[0]
        for label in ("腕の歩数計", "電話")
    }
    band, phone, me = made["腕の歩数計"], made["電話"], town.hanako.person_id
    batch = [counted(band, 9, 1000, me), counted(band, 10, 100, me), counted(phone, 9, 1300, me)]
    readings.add(conn, batch)
    return made


def shown(caller: TestClient) -> tuple[float | None, list[tuple[str, str, float]]]:
    answer = caller.get(f"/api/days/{DAY}/steps")
    assert answer.status_code == 200
    told = answer.json()
    return told["steps"], [(one["source"], one["since"][11:16], one["steps"]) for one in told["spells"]]


def test_a_day_shows_which_device_gave_which_steps(hanako: TestClient, devices: dict[str, int]) -> None:
    assert shown(hanako) == (1400, [("電話", "09:00", 1300), ("腕の歩数計", "10:00", 100)])


def test_my_own_order_of_devices_changes_the_day_and_its_figure(
    hanako: TestClient, devices: dict[str, int], db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    figures.work_once(db)
    band, phone = devices["腕の歩数計"], devices["電話"]
    assert hanako.put("/api/device-order", json={"source_ids": [band, phone, band]}).status_code == 204
    assert [(one["source_id"], one["place"]) for one in hanako.get("/api/device-order").json()] == [
        (band, 0),
        (phone, 1),
    ]
    assert shown(hanako) == (1100, [("腕の歩数計", "09:00", 1000), ("腕の歩数計", "10:00", 100)])
    figures.work_once(db)
    assert [row.total for row in days.between(conn, town.hanako.person_id, ["steps"], DAY, DAY)] == [1100]
    assert hanako.put("/api/device-order", json={"source_ids": []}).status_code == 204
    assert shown(hanako)[0] == 1400


def test_somebody_elses_device_is_not_found(taro: TestClient, devices: dict[str, int]) -> None:
    for source in (*devices.values(), 999):
        assert taro.put("/api/device-order", json={"source_ids": [source]}).status_code == 404
    assert shown(taro) == (None, [])
    assert taro.get("/api/device-order").json() == []


def test_what_a_day_total_added_has_no_hours(
    hanako: TestClient, devices: dict[str, int], conn: psycopg.Connection, town: Town
) -> None:
    typed = sources.manual(conn, town.hanako.person_id)
    readings.add(conn, [counted(typed, 0, 2000, town.hanako.person_id, metric="steps_day")])
    told = hanako.get(f"/api/days/{DAY}/steps").json()
    assert told["steps"] == 2000
    assert [(one["steps"], one["whole_day"]) for one in told["spells"]] == [(1300, False), (100, False), (600, True)]


def test_every_look_at_the_steps_is_written_down(
    hanako: TestClient, devices: dict[str, int], conn: psycopg.Connection
) -> None:
    hanako.get(f"/api/days/{DAY}/steps")
    hanako.put("/api/device-order", json={"source_ids": list(devices.values())})
    rows = conn.execute("select action, items from audit.looks order by look_id").fetchall()
    assert rows == [("read", "days: steps"), ("write", "device order")]


def test_the_page_tells_each_device_and_its_hours(hanako: TestClient, devices: dict[str, int]) -> None:
    page = hanako.get(f"/steps/{DAY}", headers=HTML)
    assert page.status_code == 200
    for words in ("1,400<small>歩", "09:00〜10:00", "腕の歩数計", "電話", "1,300歩", "二重に数えない", "先に数える"):
        assert words in page.text


def test_on_the_page_one_tap_puts_a_device_first_and_another_takes_it_back(
    hanako: TestClient, devices: dict[str, int]
) -> None:
    band = devices["腕の歩数計"]
    answer = hanako.post(f"/steps/{DAY}/first", data={"source_id": band}, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/steps/{DAY}#order")
    assert "いまは「腕の歩数計」が先です" in hanako.get(f"/steps/{DAY}", headers=HTML).text
    assert shown(hanako)[0] == 1100
    hanako.post(f"/steps/{DAY}/first", data={"source_id": 0}, headers=HTML)
    assert shown(hanako)[0] == 1400
    assert hanako.post(f"/steps/{DAY}/first", data={"source_id": 999}, headers=HTML).status_code == 404


def test_a_day_without_steps_says_so_and_the_home_page_links_to_the_newest_day(
    hanako: TestClient, devices: dict[str, int], db: ConnectionPool
) -> None:
    assert "この日の歩数は届いていません" in hanako.get(f"/steps/{DAY - timedelta(1)}", headers=HTML).text
    figures.work_once(db)
    assert f'href="/steps/{DAY}"' in hanako.get("/", headers=HTML).text


def test_a_nurse_does_not_open_a_citizens_own_page(nurse: TestClient) -> None:
    assert nurse.get(f"/steps/{DAY}", headers=HTML).status_code == 403
    assert nurse.get(f"/api/days/{DAY}/steps").status_code == 403
