from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient

from phr_api import entry
from store.metrics import METRICS

AT = "2026-11-01T07:00:00+09:00"
SPAN = {"since": "2026-10-20T00:00:00+09:00", "until": "2026-11-20T00:00:00+09:00"}


def weight(value: float = 61.5, **other: Any) -> dict[str, Any]:
    return {"metric": "weight", "value": value, "unit": "kg", "at": AT} | other


def pressure(sys: float, dia: float) -> list[dict[str, Any]]:
    unit = {"unit": "mm[Hg]", "at": AT}
    return [{"metric": "bp_sys", "value": sys} | unit, {"metric": "bp_dia", "value": dia} | unit]


def post(client: TestClient, *readings: dict[str, Any]) -> tuple[int, Any]:
    answer = client.post("/api/entries", json={"readings": list(readings)})
    return answer.status_code, answer.json()


def test_what_i_type_in_i_read_again_with_its_unit_and_source(hanako: TestClient) -> None:
    assert post(hanako, weight()) == (201, {"stored": 1, "already": 0})
    assert hanako.get("/api/readings", params={"metric": "weight"} | SPAN).json() == {
        "readings": [
            {
                "metric": "weight",
                "metric_ja": "体重",
                "value": 61.5,
                "unit": "kg",
                "unit_ja": "kg",
                "at": "2026-10-31T22:00:00Z",
                "seconds": 0,
                "remarks": [],
                "source": "手入力",
            }
        ],
        "more": False,
    }


def test_the_same_entry_again_changes_nothing(hanako: TestClient, conn: psycopg.Connection) -> None:
    assert post(hanako, weight(), *pressure(128, 79))[0] == 201
    assert post(hanako, weight(), *pressure(128, 79)) == (200, {"stored": 0, "already": 3})
    assert conn.execute("select count(*), count(distinct source_id) from health.readings").fetchone() == (3, 1)


def test_another_value_at_the_same_time_is_refused_and_the_first_stays(hanako: TestClient) -> None:
    post(hanako, weight(61.5))
    status, problem = post(hanako, weight(62.5), weight(62.0, at="2026-11-02T07:00:00+09:00"))
    assert status == 409
    assert "61.5" not in str(problem) and "62.5" not in str(problem)
    found = hanako.get("/api/readings", params={"metric": "weight"} | SPAN).json()["readings"]
    assert [one["value"] for one in found] == [61.5]  # kept together or not at all


def test_two_people_type_in_at_the_same_time_without_meeting(hanako: TestClient, taro: TestClient) -> None:
    assert post(hanako, weight(61.5))[0] == post(taro, weight(88.0))[0] == 201
    assert [
        one["value"] for one in taro.get("/api/readings", params={"metric": "weight"} | SPAN).json()["readings"]
    ] == [88.0]


def test_an_entry_marks_its_civil_day_for_the_day_figures(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    post(hanako, weight(at="2026-11-01T23:59:00Z"))  # 08:59 on the 2nd in Japan
    marks = conn.execute("select work, unnest(people), day::text from health.due").fetchall()
    assert marks == [("days", town.hanako.person_id, "2026-11-02")]


def test_a_days_steps_stand_at_the_start_of_the_civil_day(hanako: TestClient, conn: psycopg.Connection) -> None:
    steps = {"metric": "steps_day", "value": 6400, "unit": "{steps}/(24.h)", "at": "2026-11-01T21:30:00+09:00"}
    assert post(hanako, steps)[0] == 201
    row = conn.execute("select at, seconds from health.readings").fetchone()
    assert row == (datetime(2026, 10, 31, 15, tzinfo=UTC), 86_400)


UNFIT: list[tuple[list[dict[str, Any]], str]] = [
    ([weight(615.0)], "2〜400 kg"),
    ([weight(61.5, unit="lb")], "kg で"),
    ([weight(at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())], "未来"),
    (pressure(128, 79)[:1], "一緒に"),
    (pressure(79, 128), "上の値"),
    ([weight(61.5), weight(61.5)], "一つに"),
]


def test_a_value_that_does_not_fit_is_refused_with_a_sentence(hanako: TestClient, conn: psycopg.Connection) -> None:
    for readings, says in UNFIT:
        status, problem = post(hanako, *readings)
        assert (status, problem["title"]) == (422, "この値は保存できません"), says
        assert says in problem["detail"]
    assert conn.execute("select count(*) from health.readings").fetchone() == (0,)


@pytest.mark.parametrize("metric", entry.TypedMetric.__args__)  # type: ignore[attr-defined]
def test_the_edges_of_the_plausible_range_belong_to_it(metric: str) -> None:
    known, now = METRICS[metric], datetime.now(UTC)
    for value in (known.low, known.high):
        given = entry.Entry(metric=metric, value=value, unit=known.ucum, at=now)  # type: ignore[arg-type]
        entry._fits(given, now)
    with pytest.raises(entry.Problem):
        entry._fits(given.model_copy(update={"value": known.high * 1.001}), now)


def test_what_is_not_an_entry_is_refused_by_field_name(hanako: TestClient) -> None:
    wrong: list[dict[str, Any]] = [
        weight(at="2026-11-01T07:00:00"),  # no offset: which 7 o'clock?
        weight(metric="impedance"),
        weight(metric="hba1c"),
        weight(value="nan"),
        weight(note="61.5"),
        {"metric": "weight"},
    ]
    for reading in wrong:
        status, problem = post(hanako, reading)
        assert status == 422, reading
        assert problem["errors"][0]["field"].startswith("body.readings.0.")


def test_only_the_newest_are_given_when_there_are_more(hanako: TestClient) -> None:
    times = [f"2026-11-0{day}T07:00:00+09:00" for day in (3, 1, 2)]
    post(hanako, *(weight(60 + int(at[9]), at=at) for at in times))
    answer = hanako.get("/api/readings", params={"metric": "weight", "limit": 2} | SPAN).json()
    assert ([one["value"] for one in answer["readings"]], answer["more"]) == ([62, 63], True)


def test_an_unknown_metric_or_an_endless_span_is_refused(hanako: TestClient) -> None:
    for path, since in (("/api/readings", "1900-01-01T00:00:00Z"), ("/api/days", "1900-01-01")):
        unknown = hanako.get(path, params={"metric": ["weight", "wait"]})
        assert unknown.status_code == 422
        assert "weight" in unknown.json()["detail"] and "wait," not in unknown.json()["detail"]
        assert hanako.get(path).status_code == 422
        assert hanako.get(path, params={"metric": "weight", "since": since}).status_code == 422


def test_day_figures_are_given_with_their_unit(hanako: TestClient, town: Town, conn: psycopg.Connection) -> None:
    conn.execute(
        "insert into health.days (person_id, day, metric, n, total, mean, low, high, last)"
        " values (%s, '2026-11-01', 'steps', 12, 6400, 6400, 6400, 6400, 6400)",
        (town.hanako.person_id,),
    )
    span = {"since": "2026-11-01", "until": "2026-11-01"}
    (day,) = hanako.get("/api/days", params={"metric": "steps"} | span).json()
    assert (day["day"], day["total"], day["unit"], day["unit_ja"]) == ("2026-11-01", 6400, "{steps}", "歩")
    assert hanako.get("/api/days", params={"metric": "weight"} | span).json() == []
