from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import Citizen
from invented_bundles import (
    CARD,
    FACILITY,
    MEMBER_ID,
    answer,
    bundle,
    composition,
    condition,
    document,
    lab,
    number,
    organization,
    patient,
    raw,
    tagged,
)
from psycopg_pool import ConnectionPool

from fhir_bridge.importing import Report, import_file, import_files
from store import consents, records

HEIGHT = number("9N001000000000001", 160, "cm")
SYS1, SYS2, SYS_MEAN = (number(f"9A75{n}000000000001", v, "mmHg") for n, v in ((1, 150), (2, 140), (5, 145)))
PRESCRIPTION = {
    "resourceType": "MedicationRequest", "status": "active", "intent": "order", "authoredOn": "2026-04-01",
    "subject": {"reference": "Patient/p"}, "medicationCodeableConcept": {"text": "あさ錠"},
}  # fmt: skip
Take = Callable[..., Report]
MoveIn = Callable[..., Citizen]


def readings(conn: psycopg.Connection, person_id: int) -> dict[str, float]:
    rows = conn.execute("select metric, value from health.readings where person_id = %s", (person_id,)).fetchall()
    assert len(rows) == len(dict(rows))
    return dict(rows)


def shown(conn: psycopg.Connection, citizen: Citizen) -> list[str]:
    return [row.title for row in records.timeline(conn, citizen.person_id)]


def traces(conn: psycopg.Connection) -> list[int]:
    """How many rows each table holds that could keep anything of a record's content."""
    tables = ("health.records", "health.documents", "health.readings", "health.rejections", "health.last_values")
    return [conn.execute(f"select count(*) from {table}").fetchone()[0] for table in tables]  # type: ignore[index]


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
    assert conn.execute("select work, person_id from health.due").fetchall() == [("advice", citizen.person_id)]
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


def test_a_withheld_value_does_not_win_over_a_shown_one(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    take(document(SYS1, tagged(SYS_MEAN, "UNDELIVERED")))
    assert readings(conn, citizen.person_id) == {"office_bp_sys": 150.0}


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


def test_without_consent_nothing_of_the_content_is_kept(conn: psycopg.Connection, move_in: MoveIn, take: Take) -> None:
    citizen = move_in()
    body = document(HEIGHT, {"resourceType": "Observation", "status": "final"})
    report = take(body, "浜花子.json")
    assert report.person_found and report.records == 0
    assert "no_consent" in report.refused[0][1]
    assert traces(conn) == [0, 0, 0, 0, 0]
    assert conn.execute("select count(*) from health.sources").fetchone() == (0,)
    look = conn.execute("select action, person_id, allowed, origin from audit.looks").fetchall()
    assert look[0][:3] == ("deny", citizen.person_id, False)
    assert look[0][3].startswith("document ") and "77" not in look[0][3]


@pytest.mark.parametrize(
    ("recipient", "items", "kept"),
    [
        (FACILITY, ["checkup_item"], 1),
        ("*", ["checkup_item"], 1),
        (FACILITY, ["lab"], 0),
        ("0619999999", ["*"], 0),
        (FACILITY, ["condition"], 1),
        (FACILITY, ["*"], 2),
    ],
)
def test_a_consent_covers_its_facility_and_its_kinds_only(
    conn: psycopg.Connection, move_in: MoveIn, take: Take, recipient: str, items: list[str], kept: int
) -> None:
    move_in().agrees(recipient, items)
    report = take(document(HEIGHT, condition()))
    assert report.records == kept
    named = [why for _, why in (*report.not_kept, *report.refused) if "no_consent" in why]
    assert bool(named) == (kept < 2)
    assert conn.execute("select count(*) from health.records").fetchone() == (kept,)


def test_a_withdrawn_consent_hides_records_and_readings_and_stops_imports(
    conn: psycopg.Connection, move_in: MoveIn, take: Take
) -> None:
    citizen = move_in()
    consent_id = citizen.agrees()
    take(document(HEIGHT))
    conn.execute("delete from health.due")
    consents.withdraw(conn, citizen.person_id, consent_id, datetime.now(UTC))
    assert shown(conn, citizen) == []
    assert readings(conn, citizen.person_id) == {}
    assert conn.execute("select count(*) from health.last_values").fetchone() == (0,)
    assert conn.execute("select work from health.due").fetchall() == [("advice",)]
    assert "no_consent" in take(document(HEIGHT, number="78")).refused[0][1]
    citizen.agrees()
    assert shown(conn, citizen) == ["身長"]
    assert readings(conn, citizen.person_id) == {"height": 160.0}


def test_nobody_is_found_by_name_or_birthday(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    report = take(document(HEIGHT, patient(("urn:oid:9", "000123"))))
    assert (report.person_found, report.records) == (False, 0)
    assert report.refused[0][1].startswith("no_person")
    assert traces(conn) == [0, 0, 0, 0, 0]


def test_identifiers_of_two_people_are_ambiguous(conn: psycopg.Connection, move_in: MoveIn, take: Take) -> None:
    other = ("urn:oid:2", "5")
    move_in().agrees()
    move_in(other).agrees()
    report = take(document(HEIGHT, patient(CARD, other)))
    assert report.refused[0][1].startswith("ambiguous")
    assert traces(conn) == [0, 0, 0, 0, 0]


def test_an_identifier_with_another_birthday_is_somebody_elses(
    conn: psycopg.Connection, citizen: Citizen, take: Take
) -> None:
    assert take(document(HEIGHT, patient(birth="1960-03-02"))).refused[0][1].startswith("birth_date_differs")
    assert traces(conn) == [0, 0, 0, 0, 0]
    assert take(document(HEIGHT, patient(birth="1960-02"))).records == 1


def test_a_file_about_two_people_is_refused(citizen: Citizen, take: Take) -> None:
    body = document(HEIGHT)
    body["entry"].append({"resource": patient(("urn:oid:2", "5")) | {"id": "q"}})
    assert take(body).refused[0][1].startswith("several_patients")


def test_a_resource_about_somebody_else_is_named_and_not_kept(
    conn: psycopg.Connection, citizen: Citizen, take: Take
) -> None:
    stranger = number("9N016160100000001", 85, "cm", subject={"reference": "Patient/elsewhere"})
    report = take(document(HEIGHT, stranger))
    assert ("Observation", "it is not about the person of this file") in report.not_kept
    assert shown(conn, citizen) == ["身長"]


def _insured(branch: str | None, insurer: str = "06123456") -> dict[str, Any]:
    base = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson"
    parts = {"Symbol": "あ", "Number": "１２", "SubNumber": branch}
    coverage = {
        "resourceType": "Coverage",
        "status": "active",
        "beneficiary": {"reference": "Patient/p"},
        "payor": [{"reference": "Organization/i"}],
        "extension": [{"url": base + part, "valueString": text} for part, text in parts.items() if text],
    }
    payer = {"resourceType": "Organization", "id": "i", "identifier": [{"system": "urn:x", "value": insurer}]}
    unknown = patient(("urn:oid:9", "9"))
    return bundle(composition(), unknown, organization(), coverage, payer, HEIGHT, kind="document")


@pytest.mark.parametrize(
    ("branch", "insurer", "registered", "found"),
    [
        ("０１", "06123456", "06123456:あ:１２:01", True),
        ("０２", "06123456", "06123456:あ:１２:01", False),
        (None, "06123456", "06123456:あ:１２:", False),  # the household's number is nobody's own
        (None, "39060001", "39060001:あ:１２:", True),  # 後期高齢者医療: one card, one person
    ],
)
def test_the_insurance_card_names_a_person_only_with_its_branch(
    move_in: MoveIn, take: Take, branch: str | None, insurer: str, registered: str, found: bool
) -> None:
    move_in((MEMBER_ID, registered)).agrees()
    assert take(_insured(branch, insurer)).person_found == found


@pytest.mark.parametrize("tag", ["UNINFORMED", "UNDELIVERED", "SOMETHING_NEW"])
def test_what_the_doctor_withholds_never_reaches_the_citizen(
    conn: psycopg.Connection, citizen: Citizen, take: Take, tag: str
) -> None:
    report = take(
        document(tagged(HEIGHT, tag), tagged(condition("胃の病気"), tag), number("9N016160100000001", 85, "cm"))
    )
    assert report.records == 3
    assert shown(conn, citizen) == ["腹囲(実測)"]
    assert readings(conn, citizen.person_id) == {"waist": 85.0}
    assert not any("胃" in what for what, _ in report.not_kept)


def test_a_withheld_record_that_is_released_later_appears(
    conn: psycopg.Connection, citizen: Citizen, take: Take
) -> None:
    take(document(tagged(HEIGHT, "UNDELIVERED")))
    assert take(document(tagged(HEIGHT, "LTS"), stated="2026-06-25")).records == 1
    assert shown(conn, citizen) == ["身長"]
    assert readings(conn, citizen.person_id) == {"height": 160.0}
    take(document(tagged(HEIGHT, "UNDELIVERED"), stated="2026-06-26"))
    assert (shown(conn, citizen), readings(conn, citizen.person_id)) == ([], {})


@pytest.mark.parametrize(
    "withheld",
    [
        tagged(document(HEIGHT), "UNDELIVERED"),
        document(HEIGHT, composition(confidentiality="R")),
        document(HEIGHT | {"meta": {"security": [{"code": "V"}]}}),
        document(HEIGHT | {"status": "preliminary"}),
        document(HEIGHT | {"modifierExtension": [{"url": "urn:not", "valueBoolean": True}]}),
        document(PRESCRIPTION | {"doNotPerform": True}),
        document(PRESCRIPTION | {"intent": "proposal"}),
        document(condition(verification="unconfirmed")),
        document(condition() | {"verificationStatus": None}),
        document(condition() | {"code": {"coding": [
            {"system": "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full", "code": "F329"}]}}),
        document(lab("5F016000002306110", 1, "x")),
        document(HEIGHT, kind="57133-1"),  # a letter between doctors
        document(HEIGHT, kind="99999-9"),
    ],
)  # fmt: skip
def test_by_default_nothing_doubtful_is_shown(
    conn: psycopg.Connection, citizen: Citizen, take: Take, withheld: dict[str, Any]
) -> None:
    for entry in withheld["entry"]:
        entry["resource"] = {key: value for key, value in entry["resource"].items() if value is not None}
    report = take(withheld)
    assert report.records == 1
    assert any("kept, not shown" in why for _, why in report.not_kept)
    assert (shown(conn, citizen), readings(conn, citizen.person_id)) == ([], {})


def test_a_letter_does_not_take_a_shown_record_away(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    own = condition(identifier=[{"system": "urn:hospital", "value": "1"}])
    take(bundle(patient(), organization(), composition("56447-6"), own))
    take(document(own, kind="57133-1", number="78", stated="2026-07-01"))
    assert shown(conn, citizen) == ["高血圧症"]


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


def test_resource_types_without_a_rule_are_named(citizen: Citizen, take: Take) -> None:
    family = {"resourceType": "FamilyMemberHistory", "status": "completed", "patient": {"reference": "Patient/p"},
              "relationship": {"text": "母"}}  # fmt: skip
    basic = {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": "Patient/p"}}
    report = take(document(HEIGHT, family, basic, basic))
    named = dict(report.not_kept)
    assert named["FamilyMemberHistory"] == "it is about other people"
    assert named["Basic ×2"] == "no rule says what of this type may be kept"
    assert {"Patient", "Composition", "Organization"} <= set(named)


def test_a_resource_alone_needs_an_identifier_of_its_subject(
    conn: psycopg.Connection, citizen: Citizen, take: Take
) -> None:
    named = {"identifier": {"system": CARD[0], "value": CARD[1]}}
    assert take(condition() | {"subject": named, "id": "1"}).records == 1
    assert take(condition()).refused[0][1].startswith("no_patient")
    assert conn.execute("select count(*) from health.documents").fetchone() == (0,)
    assert shown(conn, citizen) == ["高血圧症"]


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


def test_many_files_are_imported_with_progress(
    db: ConnectionPool, conn: psycopg.Connection, citizen: Citizen, tmp_path: Path
) -> None:
    files = [tmp_path / f"{n}.json" for n in range(3)]
    for n, file in enumerate(files):
        file.write_bytes(raw(document(HEIGHT, number=str(n))) if n != 1 else b"PK\x03\x04")
    told: list[tuple[int, int]] = []
    reports = import_files(db, files, datetime.now(UTC), lambda done, total: told.append((done, total)))
    assert [report.records for report in reports] == [1, 0, 1]
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert import_file(db, files[0], datetime.now(UTC)).unchanged == 1
