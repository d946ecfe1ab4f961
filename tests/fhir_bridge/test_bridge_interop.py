"""The published samples of JP Core, JP-CLINS and 健診結果報告書: read where they lie, never copied."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from citizens import Citizen

from fhir_bridge.dry_run import what_it_would_become
from fhir_bridge.importing import Report
from store import records

pytestmark = pytest.mark.interop

CHECKUP = "jp-echeckup/Bundle-Bundle-eCheckupReport-Sample-01.json"
CHECKUP_CARD = ("urn:oid:1.2.392.200119.6.102.11311234567", "34567")
CLINS_CARD = ("urn:oid:1.2.392.100495.20.3.51.11318814790", "000999739")
MEMBER = ("http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID", "00012345:あいう:１８７:05")


@pytest.fixture
def sample(shared: Path) -> Callable[[str], bytes]:
    return lambda name: (shared / "interop" / name).read_bytes()


@pytest.fixture
def taro(move_in: Callable[..., Citizen]) -> Citizen:
    one = move_in(CHECKUP_CARD, birth="1950-05-04")
    one.agrees("1311234567", ["checkup_item"])
    return one


@pytest.fixture
def ranman(move_in: Callable[..., Citizen]) -> Citizen:
    one = move_in(CLINS_CARD, MEMBER, birth="1930-06-28")
    one.agrees()
    return one


def test_the_checkup_sample_end_to_end(
    conn: psycopg.Connection, taro: Citizen, take: Callable[..., Report], sample: Callable[[str], bytes]
) -> None:
    report = take(sample(CHECKUP), "sample.json")
    assert (report.documents, report.records, report.readings, report.refused) == (1, 46, 13, ())
    (checkup,) = records.checkups(conn, taro.person_id)
    assert (str(checkup.at), checkup.facility) == ("2020-04-04", "厚生労働省第一病院")
    said = {one.metric: (one.value, one.value_text) for one in checkup.items if one.metric}
    assert said["office_bp_sys"] == (149.0, "149") and said["office_bp_dia"] == (90.0, "90")
    assert said["hba1c"] == (7.0, "7.0") and said["height"] == (162.3, "162.3")
    assert said["metabo"] == (3.0, "非該当") and said["guidance_level"] == (3.0, "なし(情報提供)")
    assert said["q_smoking"] == (3.0, "いいえ") and said["blood_draw"] == (2.0, "食後10時間以上")
    stored = conn.execute("select metric, value from health.readings").fetchall()
    assert dict(stored)["waist"] == 70.0 and len(stored) == 13
    again = take(sample(CHECKUP), "sample.json")
    assert (again.documents, again.records, again.readings, again.unchanged) == (0, 0, 0, 46)


def test_the_checkup_sample_without_consent_leaves_nothing(
    conn: psycopg.Connection,
    move_in: Callable[..., Citizen],
    take: Callable[..., Report],
    sample: Callable[[str], bytes],
) -> None:
    move_in(CHECKUP_CARD, birth="1950-05-04").agrees("1311234567", ["lab"])
    assert "no_consent" in take(sample(CHECKUP)).refused[0][1]
    for table in ("records", "documents", "readings", "rejections", "sources"):
        assert conn.execute(f"select count(*) from health.{table}").fetchone() == (0,)


def test_the_laboratory_bundle_keeps_all_four_results_though_they_share_an_identifier(
    conn: psycopg.Connection, ranman: Citizen, take: Callable[..., Report], sample: Callable[[str], bytes]
) -> None:
    body = sample("jp-clins/Bundle-Bundle-CLINS-Observations-Example-01.json")
    report = take(body)
    assert (report.records, report.readings) == (4, 1)
    assert ("アルブミン", "outside the plausible range in its stated unit: kept as text") in report.not_kept
    shown = {row.title: (row.value_text, row.unit) for row in records.timeline(conn, ranman.person_id)}
    assert shown["アルブミン"] == ("3.9", "mg/L") and shown["カリウム"] == ("3.5", "mEq/L")
    assert take(body).unchanged == 4


def test_the_letter_is_kept_and_not_shown_and_the_plan_is_shown(
    conn: psycopg.Connection, ranman: Citizen, take: Callable[..., Report], sample: Callable[[str], bytes]
) -> None:
    assert take(sample("jp-clins/Bundle-Bundle-CLINS-Referral-Example-01.json")).records == 9
    assert records.timeline(conn, ranman.person_id) == []
    assert take(sample("jp-clins/Bundle-Bundle-CLINS-PCS-Example-01.json")).records == 3
    assert {row.kind for row in records.timeline(conn, ranman.person_id)} == {"care_plan", "condition"}
    empty = take(sample("jp-clins/Bundle-Bundle-CLINS-Referral-NoEntry-Example-01.json"))
    assert (empty.documents, empty.records) == (0, 0) and empty.not_kept


def test_the_diagnosis_that_was_not_told_is_not_told_here(
    conn: psycopg.Connection, ranman: Citizen, take: Callable[..., Report], sample: Callable[[str], bytes]
) -> None:
    assert take(sample("jp-clins/Condition-Example-JP-Condition-eCS-02.json")).records == 1
    assert take(sample("jp-clins/Condition-Example-JP-Condition-eCS-03.json")).records == 1
    assert records.timeline(conn, ranman.person_id) == []
    take(sample("jp-clins/Condition-Example-JP-Condition-eCS-01.json"))
    assert [row.title for row in records.timeline(conn, ranman.person_id)] == ["十二指腸潰瘍・H1期"]


def _all(shared: Path) -> list[Path]:
    folders = [sorted((shared / "interop" / name).glob("*.json")) for name in ("jp-core", "jp-clins")]
    return [*folders[0], *folders[1], shared / "interop" / CHECKUP]


def _types(path: Path) -> list[str]:
    body = json.loads(path.read_bytes())
    inside: list[dict[str, Any]] = [entry["resource"] for entry in body.get("entry", [])] or [body]
    return [one["resourceType"] for one in inside]


def test_every_sample_is_read_and_each_of_its_resources_is_mapped_or_named(shared: Path) -> None:
    files = _all(shared)
    assert len(files) == 48 + 61 + 1
    for path in files:
        found = what_it_would_become(path.read_bytes(), path.name)
        assert json.loads(json.dumps(found)) == found
        assert not [one for one in found["refused"] if not one[1].startswith("no_patient")], path.name
        named = {what.partition(" ")[0] for what, _ in found["not_kept"]}
        mapped = bool(found["records"])
        for kind in _types(path):
            assert mapped or kind in named, f"{path.name}: {kind} is neither mapped nor named"


def test_what_the_error_examples_get_wrong_is_reported_where_it_can_be_seen(shared: Path) -> None:
    said = {
        path.name: dict(what_it_would_become(path.read_bytes(), path.name)["not_kept"])
        for path in (shared / "interop" / "jp-clins").glob("*ErrorExample*")
    }
    assert "YJ" in said["MedicationRequest-ErrorExample-JP-MedReq-ExtEye-Total1.json"]["MedicationRequest"]
    assert "local code" in said["Observation-ErrorExample-ObsLabo-eGFR.json"]["Observation"]
    # the third has a general-name code of another medicine: seen only with the drug master, which is not here
    assert said["MedicationRequest-ErrorExample-JP-MedReq-PO-SID-28days.json"] == {}
    right = what_it_would_become(
        (shared / "interop/jp-clins/Observation-Example-JP-Obs-LabResult-eCS-eGFR.json").read_bytes(), "eGFR"
    )
    assert right["not_kept"] == []
