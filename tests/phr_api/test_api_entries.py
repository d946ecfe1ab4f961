"""Typed numbers: who entered them is kept and shown, a slip is put right, the old value stays on record."""

from typing import Any

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient

from ingest import days

AT = "2026-11-01T07:00:00+09:00"
SPAN = {"since": "2026-10-20T00:00:00+09:00", "until": "2026-11-20T00:00:00+09:00"}


def weight(value: float = 61.5, at: str = AT) -> dict[str, Any]:
    return {"metric": "weight", "value": value, "unit": "kg", "at": at}


def pressure(sys: float, dia: float) -> list[dict[str, Any]]:
    unit = {"unit": "mm[Hg]", "at": AT}
    return [{"metric": "bp_sys", "value": sys} | unit, {"metric": "bp_dia", "value": dia} | unit]


def hers(town: Town) -> str:
    return f"/api/nurse/people/{town.hanako.public_id}/entries"


def shown(client: TestClient, metric: str = "weight") -> list[tuple[float, str]]:
    found = client.get("/api/readings", params={"metric": metric} | SPAN).json()["readings"]
    return [(one["value"], one["source"]) for one in found]


def put(client: TestClient, value: float, path: str = "/api/entries", **query: str) -> Any:
    return client.put(f"{path}/weight/{AT}", json={"value": value, "unit": "kg"}, params=query)


def due(conn: psycopg.Connection) -> list[Any]:
    return conn.execute("delete from health.due where work = 'days' returning day::text").fetchall()


def test_a_nurse_enters_what_is_on_paper_and_the_citizen_sees_who_did(
    hanako: TestClient, nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    answer = nurse.post(hers(town), json={"how": "paper", "readings": [weight(), *pressure(128, 79)]})
    assert (answer.status_code, answer.json()) == (201, {"stored": 3, "already": 0})
    assert shown(hanako) == [(61.5, "保健師が入力(紙の記録)")]
    assert conn.execute("select kind, entered_by, entered_how from health.sources").fetchall() == [
        ("manual", f"staff:{town.nurse.staff_id}", "paper")
    ]
    (look,) = [one for one in hanako.get("/api/looks").json() if one["action"] == "write"]
    assert (look["role"], look["allowed"]) == ("nurse", True)
    assert due(conn) == [("2026-11-01",)]


def test_the_same_paper_again_changes_nothing_and_the_telephone_is_another_source(
    hanako: TestClient, nurse: TestClient, town: Town
) -> None:
    for how, status in (("paper", 201), ("paper", 200), ("telephone", 201)):
        assert nurse.post(hers(town), json={"how": how, "readings": [weight()]}).status_code == status
    assert {source for _, source in shown(hanako)} == {"保健師が入力(紙の記録)", "保健師が入力(電話で聞き取り)"}


def test_a_nurse_enters_nothing_for_who_did_not_agree_and_the_attempt_is_written_down(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    conn.execute("update health.consents set withdrawn_at = now() where person_id = %s", (town.hanako.person_id,))
    assert nurse.post(hers(town), json={"how": "paper", "readings": [weight()]}).status_code == 404
    assert nurse.put(
        f"{hers(town)}/weight/{AT}", json={"value": 60, "unit": "kg"}, params={"how": "paper"}
    ).status_code == (404)
    assert conn.execute("select count(*) from health.readings").fetchone() == (0,)
    assert conn.execute("select count(*) from audit.looks where not allowed").fetchone() == (2,)


@pytest.mark.parametrize("how", ["typed", "guessed", None])
def test_how_it_reached_the_city_must_be_said(nurse: TestClient, town: Town, how: str | None) -> None:
    assert nurse.post(hers(town), json={"how": how, "readings": [weight()]}).status_code == 422


def test_a_corrected_value_stands_and_the_old_one_stays_on_record(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    hanako.post("/api/entries", json={"readings": [weight(651.5 / 10)]})
    due(conn)
    assert (put(hanako, 61.5).status_code, put(hanako, 61.5).json()) == (200, {"changed": False})
    assert shown(hanako) == [(61.5, "手入力")]
    assert due(conn) == [("2026-11-01",)]
    (one,) = hanako.get("/api/corrections").json()
    assert (one["old_value"], one["new_value"], one["unit"], one["by"]) == (65.15, 61.5, "kg", "ご本人")
    assert conn.execute("select value from health.last_values").fetchall() == [(61.5,)]


def test_day_figures_follow_a_correction(hanako: TestClient, town: Town, conn: psycopg.Connection) -> None:
    hanako.post("/api/entries", json={"readings": [weight(65.1), weight(61.0, "2026-11-01T21:00:00+09:00")]})
    put(hanako, 61.5)
    for (day,) in conn.execute("select distinct day from health.due where work = 'days'").fetchall():
        days.recompute(conn, [(town.hanako.person_id, day)])
    figures = conn.execute("select n, low, high, last from health.days where metric = 'weight'").fetchall()
    assert figures == [(2, 61.0, 61.5, 61.0)]


def test_a_corrected_night_counts_for_every_day_it_touches(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    night = {"metric": "sleep", "value": 420, "unit": "min", "at": "2026-11-01T22:00:00+09:00"}
    hanako.post("/api/entries", json={"readings": [night]})
    due(conn)
    answer = hanako.put(f"/api/entries/sleep/{night['at']}", json={"value": 60, "unit": "min"})
    assert answer.json() == {"changed": True}
    assert sorted(due(conn)) == [("2026-11-01",), ("2026-11-02",)]
    assert conn.execute("select value, seconds from health.readings").fetchall() == [(60.0, 3600)]


def test_only_what_one_typed_in_oneself_can_be_put_right(
    hanako: TestClient, taro: TestClient, nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    nurse.post(hers(town), json={"how": "paper", "readings": [weight()]})
    device = {
        "content": b'{"readings":[{"metric":"weight","value":60.1,"unit":"kg","at":"2026-11-01T07:00:00+09:00"}]}'
    }
    hanako.post("/api/readings", params={"device": "scale"}, headers={"Idempotency-Key": "key-0001"}, **device)
    assert put(hanako, 62.0).status_code == put(taro, 62.0).status_code == 404
    hanako.post("/api/entries", json={"readings": [weight(63.0, "2026-11-02T07:00:00+09:00")]})
    at = "2026-11-02T07:00:00+09:00"
    wrong = nurse.put(f"{hers(town)}/weight/{at}", json={"value": 60, "unit": "kg"}, params={"how": "paper"})
    assert wrong.status_code == 404
    assert conn.execute("select count(*) from health.corrections").fetchone() == (0,)


def test_a_nurse_puts_right_what_staff_entered(hanako: TestClient, nurse: TestClient, town: Town) -> None:
    nurse.post(hers(town), json={"how": "paper", "readings": [weight(65.1)]})
    assert put(nurse, 61.5, hers(town), how="telephone").status_code == 404
    assert put(nurse, 61.5, hers(town), how="paper").json() == {"changed": True}
    assert shown(hanako) == [(61.5, "保健師が入力(紙の記録)")]
    assert [one["by"] for one in hanako.get("/api/corrections").json()] == ["保健師"]


def test_a_correction_is_checked_like_an_entry(hanako: TestClient, conn: psycopg.Connection) -> None:
    hanako.post("/api/entries", json={"readings": [weight(), *pressure(128, 79)]})
    assert put(hanako, 615.0).status_code == 422
    assert hanako.put(f"/api/entries/weight/{AT}", json={"value": 61, "unit": "lb"}).status_code == 422
    low = hanako.put(f"/api/entries/bp_sys/{AT}", json={"value": 75, "unit": "mm[Hg]"})
    assert (low.status_code, "上の値" in low.json()["detail"]) == (422, True)
    assert conn.execute("select value from health.readings where metric = 'bp_sys'").fetchall() == [(128.0,)]
    assert conn.execute("select count(*) from health.corrections").fetchone() == (0,)


def test_a_correction_on_record_can_not_be_changed(hanako: TestClient, conn: psycopg.Connection) -> None:
    hanako.post("/api/entries", json={"readings": [weight(65.1)]})
    put(hanako, 61.5)
    for change in ("update health.corrections set old_value = 1", "delete from health.corrections"):
        with pytest.raises(psycopg.errors.RaiseException):
            conn.execute(change)  # type: ignore[arg-type]
