from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from citizens import Citizen, readings, shown, traces
from invented_bundles import (
    CARD,
    FACILITY,
    MEMBER_ID,
    bundle,
    composition,
    condition,
    document,
    number,
    organization,
    patient,
    raw,
)

from fhir_bridge.importing import Report, import_bytes
from store import consents

HEIGHT = number("9N001000000000001", 160, "cm")
Take = Callable[..., Report]
MoveIn = Callable[..., Citizen]


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


def test_a_consent_withdrawn_since_the_round_began_is_no_consent(conn: psycopg.Connection, move_in: MoveIn) -> None:
    citizen, began = move_in(), datetime.now(UTC)
    consents.withdraw(conn, citizen.person_id, citizen.agrees(), datetime.now(UTC))
    assert "no_consent" in import_bytes(conn, raw(document(HEIGHT)), "a.json", began).refused[0][1]
    assert traces(conn) == [0, 0, 0, 0, 0]


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


@pytest.mark.parametrize("whose", [{"reference": "Patient/elsewhere"}, {"identifier": {"system": "u", "value": "5"}}])
def test_a_report_that_carries_somebody_elses_result_is_not_kept(
    conn: psycopg.Connection, citizen: Citizen, take: Take, whose: dict[str, Any]
) -> None:
    report = {
        "resourceType": "DiagnosticReport", "status": "final", "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "11502-2"}]},
        "contained": [number("9N016160100000001", 85, "cm", subject=whose)],
    }  # fmt: skip
    assert ("DiagnosticReport", "it is not about the person of this file") in take(document(HEIGHT, report)).not_kept
    assert shown(conn, citizen) == ["身長"]


def test_a_second_person_who_can_t_be_read_is_a_second_person(citizen: Citizen, take: Take) -> None:
    body = document(HEIGHT)
    body["entry"].append({"resource": patient(("urn:oid:2", "5"), birth="unreadable") | {"id": "q"}})
    assert take(body).refused[0][1].startswith("several_patients")


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


def test_a_resource_alone_needs_an_identifier_of_its_subject(
    conn: psycopg.Connection, citizen: Citizen, take: Take
) -> None:
    named = {"identifier": {"system": CARD[0], "value": CARD[1]}}
    assert take(condition() | {"subject": named, "id": "1"}).records == 1
    assert take(condition()).refused[0][1].startswith("no_patient")
    assert conn.execute("select count(*) from health.documents").fetchone() == (0,)
    assert shown(conn, citizen) == ["高血圧症"]
