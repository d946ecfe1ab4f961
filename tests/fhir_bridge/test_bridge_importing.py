from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from citizens import Citizen, readings, shown, traces
from invented_bundles import (
    FACILITY,
    answer,
    bundle,
    condition,
    document,
    lab,
    number,
    organization,
    patient,
    raw,
)
from psycopg_pool import ConnectionPool

from fhir_bridge.importing import Report, import_file
from store import records

HEIGHT = number("9N001000000000001", 160, "cm")
SYS1, SYS2, SYS_MEAN = (number(f"9A75{n}000000000001", v, "mmHg") for n, v in ((1, 150), (2, 140), (5, 145)))
Take = Callable[..., Report]
MoveIn = Callable[..., Citizen]


def test_a_checkup_becomes_document_records_and_readings(
    conn: psycopg.Connection, citizen: Citizen, take: Take
) -> None:
    report = take(document(HEIGHT, answer("9N736000000000011", "3")))
    assert (report.person_found, report.documents, report.records, report.readings) == (True, 1, 2, 1)
    assert report.refused == ()
    (checkup,) = records.checkups(conn, citizen.person_id)
    assert (str(checkup.at), checkup.facility, checkup.title) == ("2026-06-01", "浜辺クリニック", "健診の結果")
    assert [(one.metric, one.value, one.value_text) for one in checkup.items] == [
        ("height", 160.0, "160.0"),
        ("q_smoking", 3.0, "いいえ"),
    ]
    assert readings(conn, citizen.person_id) == {"height": 160.0}


def test_importing_twice_changes_nothing(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    body = document(HEIGHT, answer("9N736000000000011", "3"))
    take(body)
    before = traces(conn)
    conn.execute("delete from health.due")
    again = take(body)
    assert (again.documents, again.records, again.readings, again.unchanged) == (0, 0, 0, 2)
    assert traces(conn) == before
    assert conn.execute("select count(*) from health.due").fetchone() == (0,)


def test_an_import_marks_advice_due_and_is_audited(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    conn.execute("delete from health.due")
    take(document(HEIGHT))
    assert conn.execute("select work, unnest(people) from health.due").fetchall() == [("advice", citizen.person_id)]
    look = conn.execute("select actor, action, items, purpose, allowed, person_id from audit.looks").fetchall()
    assert look == [("worker:bridge", "import", "checkup_item", "phr_records", True, citizen.person_id)]


def test_a_corrected_report_updates_record_and_reading(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    take(document(HEIGHT))
    corrected = number("9N001000000000001", 161.5, "cm", status="corrected")
    report = take(document(corrected, stated="2026-06-25"))
    assert (report.records, report.readings, report.unchanged) == (1, 1, 0)
    assert readings(conn, citizen.person_id) == {"height": 161.5}
    assert conn.execute("select value from health.last_values").fetchall() == [(161.5,)]
    late = take(document(HEIGHT))
    assert (late.records, late.readings) == (0, 0)
    assert readings(conn, citizen.person_id) == {"height": 161.5}


def test_what_the_new_version_leaves_out_or_takes_back_disappears(
    conn: psycopg.Connection, citizen: Citizen, take: Take
) -> None:
    waist = number("9N016160100000001", 85, "cm")
    take(document(HEIGHT, waist, SYS1))
    report = take(document(HEIGHT, waist | {"status": "entered-in-error"}, stated="2026-06-25"))
    assert report.records == 2
    assert shown(conn, citizen) == ["身長"]
    assert readings(conn, citizen.person_id) == {"height": 160.0}


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ((SYS1, SYS2, SYS_MEAN), 145.0),
        ((SYS2, SYS1), 140.0),
        ((SYS1,), 150.0),
        ((SYS1, SYS_MEAN | {"status": "cancelled", "valueQuantity": None}), 150.0),
    ],
)
def test_of_several_pressures_the_mean_then_the_second_counts_and_all_are_kept(
    conn: psycopg.Connection, citizen: Citizen, take: Take, given: tuple[Any, ...], chosen: float
) -> None:
    take(document(*({key: value for key, value in one.items() if value is not None} for one in given)))
    (checkup,) = records.checkups(conn, citizen.person_id)
    assert len(checkup.items) == len(given)
    assert [one.value for one in checkup.items if one.metric == "office_bp_sys"] == [chosen]
    assert readings(conn, citizen.person_id) == {"office_bp_sys": chosen}


def test_results_that_share_one_identifier_are_kept_apart(
    conn: psycopg.Connection, citizen: Citizen, take: Take
) -> None:
    same = [{"system": "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier", "value": "1"}]
    ast = lab("3B035000002327201", 24, "U/L", identifier=same)
    alt = lab("3B045000002327201", 30, "U/L", identifier=same)
    take(bundle(patient(), organization(), ast, alt, ast))
    assert readings(conn, citizen.person_id) == {"ast": 24.0, "alt": 30.0}
    assert len(shown(conn, citizen)) == 3


def test_the_same_result_in_two_bundles_is_one_record(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    own = [{"system": "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier", "value": "1"}]
    where = {"url": "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber",
             "valueIdentifier": organization()["identifier"][0]}  # fmt: skip
    ast = lab("3B035000002327201", 24, "U/L", identifier=own, extension=[where])
    take(bundle(patient(), ast, number="1"))
    again = take(bundle(patient(), ast, number="2"))
    assert (again.documents, again.records, again.unchanged) == (1, 0, 1)
    assert shown(conn, citizen) == ["AST(GOT)"]


def test_a_broken_entry_is_named_kept_and_hinders_nothing(
    conn: psycopg.Connection, citizen: Citizen, take: Take
) -> None:
    body = document(HEIGHT, {"resourceType": "Observation", "status": "final"})
    report = take(body)
    assert take(body).refused == report.refused
    assert report.records == 1 and report.refused[0][0] == "entry 4 Observation"
    kept = conn.execute("select origin, reason, convert_from(raw, 'UTF8') from health.rejections").fetchall()
    assert kept == [("record.json", "invalid_resource", '{"resourceType": "Observation", "status": "final"}')]


def test_a_broken_entry_is_kept_only_under_a_consent_for_every_kind(
    conn: psycopg.Connection, move_in: MoveIn, take: Take
) -> None:
    move_in().agrees(FACILITY, ["checkup_item"])
    report = take(document(HEIGHT, {"resourceType": "Observation", "status": "final"}))
    assert report.records == 1 and len(report.refused) == 1
    assert conn.execute("select count(*) from health.rejections").fetchone() == (0,)


def test_a_file_that_can_not_be_read_is_one_rejection_with_its_bytes(conn: psycopg.Connection, take: Take) -> None:
    for _ in range(2):
        report = take(b"<ClinicalDocument/>", "h.xml")
    assert report.refused[0][1].startswith("xml_not_read")
    assert conn.execute("select origin, reason, raw from health.rejections").fetchall() == [
        ("h.xml", "xml_not_read", b"<ClinicalDocument/>")
    ]


def test_two_facilities_may_number_alike(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    take(document(HEIGHT))
    take(document(number("9N001000000000001", 162, "cm"), organization("0619999999", "山の医院")))
    assert {one.facility for one in records.checkups(conn, citizen.person_id)} == {"浜辺クリニック", "山の医院"}


def test_the_day_of_a_checkup_is_the_day_of_its_items(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    visit = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "x"},
        "period": {"start": "2026-06-03"},
    }
    undated = {key: value for key, value in HEIGHT.items() if key != "effectiveDateTime"}
    for index, items in enumerate([(HEIGHT, visit), (undated, visit), (undated,)]):
        take(document(*items, number=str(index)))
    days = [str(row[0]) for row in conn.execute("select at from health.documents order by identifier")]
    assert days == ["2026-06-01", "2026-06-03", "2026-06-20"]


def test_a_value_dated_in_the_future_is_no_reading(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    report = take(document(HEIGHT | {"effectiveDateTime": "2062-06-01"}))
    assert ("身長", "dated in the future: not used as a value") in report.not_kept
    assert readings(conn, citizen.person_id) == {}
    assert shown(conn, citizen) == ["身長"]


@pytest.mark.parametrize("when", ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001"])
def test_a_date_that_nobody_lived_on_costs_its_own_record_alone(
    conn: psycopg.Connection, citizen: Citizen, take: Take, when: str
) -> None:
    report = take(document(HEIGHT, condition(recordedDate=when)))
    assert ("Condition", "a date outside the years 1900 to 2200") in report.not_kept
    assert shown(conn, citizen) == ["身長"]


def test_a_file_that_is_not_understood_stops_no_other(
    db: ConnectionPool, conn: psycopg.Connection, citizen: Citizen, tmp_path: Path
) -> None:
    files = [tmp_path / f"{n}.json" for n in range(3)]
    for n, file in enumerate(files):
        file.write_bytes(raw(document(HEIGHT, number=str(n))) if n != 1 else b"PK\x03\x04")
    reports = [import_file(db, file, datetime.now(UTC)) for file in files]
    assert [report.records for report in reports] == [1, 0, 1]
    assert import_file(db, files[0], datetime.now(UTC)).unchanged == 1
