from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient

from store import consents, documents, records
from store.documents import NewDocument
from store.records import NewRecord

FACILITY = "0611234567"
NOW = datetime.now(UTC)
# code, metric, value, unit: a checkup with 腹囲 and two risks, smoking not answered
ITEMS = (
    ("9N016160100000001", "waist", 92.0, "cm"),
    ("9N011000000000001", "bmi", 24.0, "kg/m2"),
    ("9A751000000000001", "office_bp_sys", 120.0, "mm[Hg]"),
    ("9A755000000000001", "office_bp_sys", 149.0, "mm[Hg]"),
    ("9A765000000000001", "office_bp_dia", 90.0, "mm[Hg]"),
    ("3D046000001906202", "hba1c", 7.0, "%"),
    ("3F015000002327101", "tg_fasting", 100.0, "mg/dL"),
    ("3F070000002327101", "hdl", 55.0, "mg/dL"),
    ("9N736000000000011", "q_smoking", 3.0, ""),
    ("9N701000000000011", "q_med_bp", 2.0, ""),
    ("9N706000000000011", "q_med_glucose", 2.0, ""),
    ("9N711000000000011", "q_med_lipid", 2.0, ""),
    ("8A065000002391901", "egfr", 70.0, "mL/min/{1.73_m2}"),
    ("3B035000002327201", None, 20.0, "U/L"),
)


@pytest.fixture
def consent(conn: psycopg.Connection, town: Town) -> int:
    """Taro (68 at the end of the fiscal year) has a checkup under a consent in force."""
    person = town.taro.person_id
    given = consents.give(
        conn, person, purpose="phr_records", recipient=FACILITY, items=["checkup_item"], text_version="1",
        given_by="self", valid_from=NOW - timedelta(days=1),
    )  # fmt: skip
    source = documents.source_of(conn, FACILITY, "酒田クリニック")[0]
    document, _ = documents.add(conn, NewDocument(
        person_id=person, source_id=source, consent_id=given, kind="checkup", identifier="x|1", title="健診結果報告書",
        facility="酒田クリニック", at=date(2026, 6, 1),
    ))  # fmt: skip
    for number, (code, metric, value, unit) in enumerate(ITEMS):
        records.add(conn, NewRecord(
            person_id=person, document_id=document, source_id=source, consent_id=given, key=f"{document}|{number}",
            kind="checkup_item", at=datetime(2026, 6, 1, tzinfo=UTC), title=f"項目{number}", code=code, metric=metric,
            value=value, value_text=f"{value:g}", unit=unit, facility="酒田クリニック", released=True,
        ))  # fmt: skip
    return given


def test_a_checkup_shows_each_item_against_its_lines(taro: TestClient, consent: int) -> None:
    (checkup,) = taro.get("/api/checkups").json()
    graded = {(one["metric"], one["value"]): one["grade"] for one in checkup["items"]}
    assert graded[("office_bp_sys", 149.0)] == "referral"
    assert graded[("office_bp_sys", 120.0)] == "within"
    assert graded[("hba1c", 7.0)] == "referral"
    assert graded[("egfr", 70.0)] == "within"
    assert graded[(None, 20.0)] is None
    (sugar,) = (one for one in checkup["items"] if one["metric"] == "hba1c")
    assert sugar["lines"] == {"op": ">=", "guidance": 5.6, "referral": 6.5, "verified": True}
    assert (checkup["facility"], checkup["at"], checkup["notice"]) == (
        "酒田クリニック",
        "2026-06-01",
        "この情報は診断ではありません。",
    )


def test_a_checkup_is_stratified_by_the_settled_pressure(taro: TestClient, consent: int) -> None:
    """Waist 92 (group 1), pressure and glucose: two risks; from 65 on 積極的支援 becomes 動機付け支援."""
    (checkup,) = taro.get("/api/checkups").json()
    assert checkup["level"] == {"code": 2, "ja": "動機付け支援", "agrees": None}
    assert checkup["metabo"] == {"code": 1, "ja": "基準該当", "agrees": None}


def test_the_timeline_is_mine_alone_and_ends_with_the_consent(
    taro: TestClient, hanako: TestClient, consent: int
) -> None:
    assert len(taro.get("/api/records").json()) == len(ITEMS)
    assert len(taro.get("/api/records", params={"limit": 3}).json()) == 3
    assert hanako.get("/api/records").json() == hanako.get("/api/checkups").json() == []
    assert taro.delete(f"/api/consents/{consent}").status_code == 204
    assert taro.get("/api/records").json() == taro.get("/api/checkups").json() == []
