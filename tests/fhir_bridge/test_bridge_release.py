from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from citizens import Citizen, readings, shown
from invented_bundles import (
    INDICATION,
    bundle,
    composition,
    condition,
    document,
    lab,
    number,
    organization,
    patient,
    tagged,
)

from fhir_bridge.importing import Report

HEIGHT = number("9N001000000000001", 160, "cm")
SYS1, SYS2, SYS_MEAN = (number(f"9A75{n}000000000001", v, "mmHg") for n, v in ((1, 150), (2, 140), (5, 145)))
SECRET = {"tag": [{"system": INDICATION, "code": "UNDELIVERED"}]}
PRESCRIPTION = {
    "resourceType": "MedicationRequest", "status": "active", "intent": "order", "authoredOn": "2026-04-01",
    "subject": {"reference": "Patient/p"}, "medicationCodeableConcept": {"text": "あさ錠"},
}  # fmt: skip
MEDICINE = {"resourceType": "Medication", "id": "m", "code": {"text": "ひみつ錠"}}
ORDER = {name: part for name, part in PRESCRIPTION.items() if name != "medicationCodeableConcept"}
Take = Callable[..., Report]


def report(status: str = "final", **more: Any) -> dict[str, Any]:
    """A laboratory report that carries one result inside, with ``more`` said of that result."""
    return {
        "resourceType": "DiagnosticReport", "status": status, "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "11502-2"}]},
        "contained": [HEIGHT | {"id": "r"} | more], "result": [{"reference": "#r"}],
    }  # fmt: skip


def test_a_withheld_value_does_not_win_over_a_shown_one(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    take(document(SYS1, tagged(SYS_MEAN, "UNDELIVERED")))
    assert readings(conn, citizen.person_id) == {"office_bp_sys": 150.0}


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
        document(tagged(HEIGHT, "UNDELIVERED", system="")),
        document(tagged(HEIGHT, "UNINFORMED", system=f"{INDICATION}/")),
        document(tagged(HEIGHT, "RESTRICTED", system="urn:somebody-else")),
        document(report(meta=SECRET)),
        document(report(meta={"security": [{"code": "R"}]})),
        document(report(modifierExtension=[{"url": "urn:not", "valueBoolean": True}])),
        document(report("preliminary")),
        document(ORDER | {"medicationReference": {"reference": "#m"}, "contained": [MEDICINE | {"meta": SECRET}]}),
        document(ORDER | {"medicationReference": {"reference": "Medication/m"}}, MEDICINE | {"meta": SECRET}),
        document(HEIGHT, composition() | {"status": None, "confidentiality": "R"}),  # an unreadable Composition
        document(condition(), composition("57133-1") | {"date": None}),
        bundle(patient(), organization(), condition(), kind="document"),  # none at all
        document(HEIGHT, composition(), composition(confidentiality="R")),
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


def test_a_settled_report_shows_the_result_it_carries(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    take(document(report()))
    take(document(ORDER | {"medicationReference": {"reference": "Medication/m"}}, MEDICINE, number="78"))
    assert shown(conn, citizen) == ["身長", "ひみつ錠"]


def test_a_tag_that_only_says_what_a_bundle_holds_hides_nothing(
    conn: psycopg.Connection, citizen: Citizen, take: Take
) -> None:
    take(tagged(document(HEIGHT), "Observation", system="http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS"))
    assert shown(conn, citizen) == ["身長"]


def test_a_letter_does_not_take_a_shown_record_away(conn: psycopg.Connection, citizen: Citizen, take: Take) -> None:
    own = condition(identifier=[{"system": "urn:hospital", "value": "1"}])
    take(bundle(patient(), organization(), composition("56447-6"), own))
    take(document(own, kind="57133-1", number="78", stated="2026-07-01"))
    assert shown(conn, citizen) == ["高血圧症"]


def test_resource_types_without_a_rule_are_named(citizen: Citizen, take: Take) -> None:
    family = {"resourceType": "FamilyMemberHistory", "status": "completed", "patient": {"reference": "Patient/p"},
              "relationship": {"text": "母"}}  # fmt: skip
    basic = {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": "Patient/p"}}
    report = take(document(HEIGHT, family, basic, basic))
    named = dict(report.not_kept)
    assert named["FamilyMemberHistory"] == "it is about other people"
    assert named["Basic ×2"] == "no rule says what of this type may be kept"
    assert {"Patient", "Composition", "Organization"} <= set(named)
