"""The forms in which a citizen, or a 保健師 for one, types in what was measured, and the sheet of paper."""

from datetime import datetime

import psycopg
from callers import Town
from fastapi.testclient import TestClient

from phr_api.entry import TypedMetric
from phr_api.pages._entry_fields import FIELDS, Sheet
from store.clock import JST

FORM = {"how": "paper", "at": "2026-11-01T07:00", "bp_sys": "128", "bp_dia": "79", "weight": "61.5", "pulse": ""}


def page(town: Town) -> str:
    return f"/nurse/people/{town.hanako.public_id}"


def test_what_was_on_paper_is_kept_at_its_japanese_time_and_shown_with_who_entered_it(
    nurse: TestClient, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    answer = nurse.post(f"{page(town)}/entries", data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{page(town)}?kept=3#entry")
    rows = conn.execute("select metric, value, at = '2026-10-31T22:00Z' from health.readings order by metric")
    assert rows.fetchall() == [("bp_dia", 79.0, True), ("bp_sys", 128.0, True), ("weight", 61.5, True)]
    assert "3件を保存しました" in nurse.get(f"{page(town)}?kept=3").text
    own = hanako.get("/", headers={"Accept": "text/html"}).text
    assert own.count("保健師が入力(紙の記録)") == 2  # the tiles of pressure and weight


def test_a_form_that_does_not_fit_says_what_to_do_and_keeps_nothing(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    for wrong, says in (
        ({"bp_dia": ""}, "血圧は上と下を"),
        ({"weight": "6150"}, "400 kg"),
        ({"at": "2999-11-01T07:00"}, "日と時刻"),
        ({"bp_sys": "", "bp_dia": "", "weight": ""}, "一つ以上"),
        ({"weight": "heavy"}, "入力を直して"),
        ({"how": "typed"}, "入力を直して"),
    ):
        answer = nurse.post(f"{page(town)}/entries", data=FORM | wrong, headers={"Accept": "text/html"})
        assert answer.status_code == 422 and says in answer.text, wrong
    assert conn.execute("select count(*) from health.readings").fetchone() == (0,)


def test_a_citizen_can_not_use_the_form(hanako: TestClient, town: Town) -> None:
    assert hanako.post(f"{page(town)}/entries", data=FORM).status_code == 403


def test_a_citizen_types_in_on_the_own_page(hanako: TestClient, conn: psycopg.Connection) -> None:
    answer = hanako.post("/entries", data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?kept=3#entry")
    assert hanako.post("/entries", data=FORM).headers["location"] == "/?kept=0#entry"
    assert hanako.post("/entries", data=FORM | {"weight": "62"}).status_code == 409
    shown = hanako.get("/?kept=0", headers={"Accept": "text/html"}).text
    assert shown.count("手入力") == 2 and "すでに保存されていました" in shown
    assert conn.execute("select count(*), min(entered_by) from health.readings join health.sources using (source_id)"
                        ).fetchone() == (3, "self")  # fmt: skip
    assert conn.execute("select distinct action, purpose from audit.looks where action = 'write'").fetchall() == [
        ("write", "own")
    ]


def test_the_own_form_begins_with_the_time_of_now_and_the_nurses_with_none(
    hanako: TestClient, nurse: TestClient, town: Town
) -> None:
    own = hanako.get("/", headers={"Accept": "text/html"}).text
    assert f'name="at" required value="{datetime.now(JST):%Y-%m-%dT}' in own
    assert 'name="at" required>' in nurse.get(page(town)).text


def test_every_field_of_the_form_can_be_typed_in_and_is_read(nurse: TestClient, town: Town) -> None:
    shown = nurse.get(page(town)).text
    for field in FIELDS:
        assert field.name in Sheet.model_fields and field.name in TypedMetric.__args__  # type: ignore[attr-defined]
        assert f'name="{field.name}" min="{field.low}" max="{field.high}"' in shown


def test_the_sheet_of_paper_has_two_weeks_and_nothing_personal(client: TestClient) -> None:
    sheet = client.get("/paper")
    assert sheet.status_code == 200
    assert sheet.text.count('<th scope="row">') == 14
