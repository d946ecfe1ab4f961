"""The forms in which a citizen, or a 保健師 for one, types in what was measured, and the sheet of paper."""

import re
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


PAGE = {"Accept": "text/html"}


def test_a_form_that_does_not_fit_says_what_to_do_and_keeps_nothing(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    for wrong, field, says in (
        ({"bp_dia": ""}, "bp_dia", "血圧は上と下を"),
        ({"bp_dia": "130"}, "bp_sys", "上の値が下の値より"),
        ({"weight": "6150"}, "weight", "400 kg"),
        ({"weight": "heavy"}, "weight", "体重は数字で"),
        ({"weight": "nan"}, "weight", "体重は数字で"),
        ({"at": "2999-11-01T07:00"}, "at", "日と時刻"),
        ({"at": "yesterday"}, "at", "日と時刻"),
        ({"at": "2120-11-01T07:00"}, "at", "未来"),
    ):
        answer = nurse.post(f"{page(town)}/entries", data=FORM | wrong, headers=PAGE)
        assert answer.status_code == 422 and says in answer.text, wrong
        [marked] = re.findall(r'<input[^>]*name="(\w+)" aria-invalid="true"[^>]*><span class="wrong"', answer.text)
        assert marked == field
        for name, text in (FORM | wrong).items():
            assert name == "how" or not text or f'value="{text}"' in answer.text, name
        assert 'value="paper" checked' in answer.text and "酒田 花子" in answer.text
        assert nurse.post(f"{page(town)}/entries", data=FORM | wrong).json()["status"] == 422
    assert conn.execute("select count(*) from health.readings").fetchone() == (0,)
    assert conn.execute("select count(*) from audit.looks where action = 'write'").fetchone() == (0,)


def test_an_empty_form_or_one_that_no_page_of_ours_sent_is_refused_too(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    empty = {"bp_sys": "", "bp_dia": "", "weight": " "}
    answer = nurse.post(f"{page(town)}/entries", data=FORM | empty, headers=PAGE)
    assert answer.status_code == 422 and "一つ以上" in answer.text and "aria-invalid" not in answer.text
    for wrong in ({"how": "typed"}, {"weight": "6" * 41}):
        answer = nurse.post(f"{page(town)}/entries", data=FORM | wrong, headers=PAGE)
        assert answer.status_code == 422 and "入力を直して" in answer.text
    assert conn.execute("select count(*) from health.readings").fetchone() == (0,)


def test_what_is_typed_in_again_goes_in_its_place(hanako: TestClient, conn: psycopg.Connection) -> None:
    again = hanako.post("/entries", data=FORM | {"weight": "6l.5"}, headers=PAGE)
    assert again.status_code == 422 and 'action="/entries"' in again.text and 'value="6l.5"' in again.text
    assert (
        hanako.post("/entries", data=FORM | {"weight": "６１．５"}, headers=PAGE).headers["location"]
        == "/?kept=3#entry"
    )
    other = hanako.post("/entries", data=FORM | {"weight": "62"}, headers=PAGE)
    assert other.status_code == 409 and "すでに保存されています" in other.text and 'value="62"' in other.text
    assert conn.execute("select value from health.readings where metric = 'weight'").fetchall() == [(61.5,)]
    right = {"weight": "62", "bp_sys": "78", "bp_dia": "60", "pulse": "70", "instead": "yes"}  # below what stood there
    assert 'name="instead"' in other.text and "instead" not in again.text
    assert hanako.post("/entries", data=FORM | right, headers=PAGE).headers["location"] == "/?kept=4#entry"
    stands = conn.execute("select metric, value from health.readings order by 1").fetchall()
    assert stands == [("bp_dia", 60), ("bp_sys", 78), ("pulse", 70), ("weight", 62)]
    assert conn.execute("select count(*) from health.corrections").fetchone() == (3,)


def test_nothing_typed_becomes_part_of_the_page_but_as_text(hanako: TestClient) -> None:
    answer = hanako.post("/entries", data=FORM | {"weight": '"><script>1</script>'}, headers=PAGE)
    assert answer.status_code == 422 and "<script>1" not in answer.text and "&lt;script&gt;1" in answer.text


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
