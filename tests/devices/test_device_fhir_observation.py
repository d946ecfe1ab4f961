"""FHIR Observations of home devices: codes, units, times, and what their sender calls no result."""

import json
from datetime import datetime
from typing import Any

import pytest

from devices.catalogue import decode
from store.model import Flag, NotUnderstood, Sample

LOINC, MDC, UCUM = "http://loinc.org", "urn:iso:std:iso:11073:10101", "http://unitsofmeasure.org"
AT = "2026-11-01T07:10:00+09:00"


def concept(*codes: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": "…"} for system, code in codes]}


def amount(value: float, code: str, **more: str) -> dict[str, Any]:
    return {"valueQuantity": {"value": value, "unit": code, "system": UCUM, "code": code} | more}


def observation(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = {"resourceType": "Observation", "status": "final", "code": code, "effectiveDateTime": AT}
    return {name: value for name, value in (said | more).items() if value is not None}


def read(said: object) -> list[Sample]:
    return list(decode("fhir_observation", json.dumps(said).encode()))


def refused(said: object) -> NotUnderstood:
    with pytest.raises(NotUnderstood) as refusal:
        read(said)
    return refusal.value


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": each} for each in resources]}


WEIGHT = observation(concept((LOINC, "29463-7")), **amount(61.2, "kg"))


@pytest.mark.parametrize(
    ("code", "value", "unit", "metric", "ours"),
    [
        ((MDC, "188736"), 61200, "g", "weight", 61.2),
        ((LOINC, "3141-9"), 150, "[lb_av]", "weight", 68.04),
        ((MDC, "188748"), 24.1, "%", "body_fat", 24.1),
        ((MDC, "149546"), 66, "/min", "pulse", 66),
        ((MDC, "150456"), 97, "%", "spo2", 97),
        ((LOINC, "8310-5"), 97.7, "[degF]", "temperature", 36.5),
        ((LOINC, "15074-8"), 5.5, "mmol/L", "glucose", 99.09),
        ((LOINC, "41653-7"), 99, "mg/dL", "glucose", 99),
    ],
)
def test_a_code_gives_its_metric_in_our_unit(
    code: tuple[str, str], value: float, unit: str, metric: str, ours: float
) -> None:
    (sample,) = read(observation(concept(code), **amount(value, unit)))
    assert (sample.metric, round(sample.value, 2), sample.seconds) == (metric, ours, 0)
    assert sample.at == datetime.fromisoformat(AT)


def test_codes_that_name_different_things_are_refused() -> None:
    both = concept((LOINC, "29463-7"), (MDC, "188748"))
    assert refused(observation(both, **amount(61.2, "kg"))).reason == "codes_disagree"
    unknown_beside = concept((LOINC, "29463-7"), ("http://example.org", "weight"))
    assert read(observation(unknown_beside, **amount(61.2, "kg")))[0].metric == "weight"


def test_what_is_not_kept_is_named_by_its_code_and_never_by_free_text() -> None:
    assert "39156-5" in refused(observation(concept((LOINC, "39156-5")), **amount(23.1, "kg/m2"))).detail
    assert "120/80" not in refused(observation(concept(("http://example.org", "120/80")))).detail


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "preliminary", "registered", "unknown", "x 61.2"])
def test_what_its_sender_calls_no_result_is_refused(status: str) -> None:
    refusal = refused(WEIGHT | {"status": status})
    assert refusal.reason == "status_not_final" and "61.2" not in refusal.detail


def test_a_corrected_result_is_a_result_and_test_data_is_none() -> None:
    assert read(WEIGHT | {"status": "corrected"})
    labelled = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}
    assert refused(WEIGHT | {"meta": labelled}).reason == "test_data"


def test_a_missing_value_says_why_it_is_missing() -> None:
    absent = observation(concept((LOINC, "59408-5")), dataAbsentReason=concept(("", "not-performed")))
    assert (refused(absent).reason, refused(absent).detail) == ("data_absent", "spo2: not-performed")
    assert refused(observation(concept((LOINC, "59408-5")))).reason == "data_absent"


def test_a_value_with_a_comparator_or_another_unit_system_is_refused() -> None:
    code = concept((LOINC, "2339-0"))
    assert refused(observation(code, **amount(600, "mg/dL", comparator=">"))).reason == "value_not_exact"
    assert refused(observation(code, **amount(99, "mg/dL", system="http://example.org"))).reason == "unit_unknown"


def part(code: str, value: float) -> dict[str, Any]:
    return {"code": concept((LOINC, code))} | amount(value, "mm[Hg]")


def test_a_pressure_is_both_its_components_or_nothing() -> None:
    panel = concept((LOINC, "85354-9"))
    pulse = {"code": concept((MDC, "149546"))} | amount(66, "/min")
    samples = read(observation(panel, component=[part("8480-6", 128), part("8462-4", 82), part("8478-0", 97), pulse]))
    assert [(each.metric, each.value) for each in samples] == [("bp_sys", 128.0), ("bp_dia", 82.0), ("pulse", 66.0)]
    assert len({each.at for each in samples}) == 1
    assert refused(observation(panel, component=[part("8480-6", 128)])).reason == "part_of_several"
    error = {"code": concept((LOINC, "8462-4")), "dataAbsentReason": concept(("", "error"))}
    assert refused(observation(panel, component=[part("8480-6", 128), error])).reason == "data_absent"


def test_steps_need_a_period_and_a_days_steps_their_date() -> None:
    steps, walked = concept((LOINC, "55423-8")), amount(2900, "{steps}")
    assert refused(observation(steps, **walked)).reason == "interval_missing"
    period = {"start": "2026-11-01T06:40:00+09:00", "end": AT}
    (sample,) = read(observation(steps, effectiveDateTime=None, effectivePeriod=period, **walked))
    assert (sample.metric, sample.seconds) == ("steps", 1800)
    (day,) = read(observation(concept((LOINC, "41950-7")), effectiveDateTime="2026-11-01", **amount(5400, "1/d")))
    assert day.at and (day.metric, day.seconds, day.at.isoformat()) == (
        "steps_day", 86_400, "2026-11-01T00:00:00+09:00"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("time", "reason"),
    [("2026-11-01", "time_not_exact"), ("2026-11-01T07:10:00", "not_this_format"), (None, "time_missing")],
)
def test_a_weight_needs_its_moment(time: str | None, reason: str) -> None:
    assert refused(observation(concept((LOINC, "29463-7")), effectiveDateTime=time, **amount(61.2, "kg"))).reason == (
        reason
    )


def test_of_a_bundle_the_sound_resources_are_kept() -> None:
    refusal = refused(bundle(WEIGHT, {"resourceType": "Patient"}, WEIGHT | {"status": "cancelled"}))
    assert (refusal.reason, [each.metric for each in refusal.understood]) == ("bad_parts", ["weight"])
    assert "[1] not_an_observation" in refusal.detail and "[2] status_not_final" in refusal.detail


def stamp(**times: str) -> dict[str, Any]:
    return observation(concept((MDC, "67975")), id="c1", **({"effectiveDateTime": None} | times))


def test_a_coincident_timestamp_tells_what_the_devices_own_clock_showed() -> None:
    clock = stamp(effectiveDateTime="2026-11-01T08:00:00+09:00", valueDateTime="2026-10-25T08:00:00+09:00")
    derived = WEIGHT | {"derivedFrom": [{"reference": "Observation/c1"}]}
    corrected, plain = read(bundle(derived, clock, WEIGHT))
    assert corrected.at == plain.at == datetime.fromisoformat(AT)  # the sender has put the time right already
    assert corrected.device_at == datetime.fromisoformat("2026-10-25T07:10:00+09:00")
    assert (corrected.flags, plain.flags, plain.device_at) == (Flag.CLOCK_CORRECTED, 0, None)


def test_a_clock_that_agrees_or_is_not_stated_corrects_nothing() -> None:
    derived = WEIGHT | {"derivedFrom": [{"reference": "Observation/c1"}]}
    for clock in (stamp(effectiveDateTime=AT, valueDateTime=AT), stamp(effectiveDateTime=AT), stamp(valueDateTime=AT)):
        (sample,) = read(bundle(clock, derived))
        assert (sample.flags, sample.device_at) == (0, None)
    assert refused(bundle(stamp(effectiveDateTime=AT, valueDateTime=AT))).reason == "empty"


def test_a_codes_table_row_names_a_metric_with_units() -> None:
    for code, unit in (("29463-7", "stone"), ("8480-6", "kg"), ("93832-4", "kg")):
        assert refused(observation(concept((LOINC, code)), **amount(1, unit))).reason == "unit_unknown"
