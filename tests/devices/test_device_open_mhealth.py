"""Open mHealth data points: the standard's own samples, and the rules that they leave to us."""

import json
from pathlib import Path
from typing import Any

import pytest

from devices.catalogue import decode
from store.model import Flag, NotUnderstood, Sample

FOLDER = "interop/open-mhealth"
AT = "2026-11-01T07:10:00+09:00"
NIGHT = {
    "time_interval": {"start_date_time": "2026-10-31T22:30:00+09:00", "end_date_time": "2026-11-01T05:30:00+09:00"}
}


def header(name: str, namespace: str = "omh") -> dict[str, Any]:
    schema = {"namespace": namespace, "name": name, "version": "1.0"}
    return {"id": "5f1c", "creation_date_time": AT, "schema_id": schema}


def read(said: object) -> list[Sample]:
    return list(decode("open_mhealth", json.dumps(said).encode()))


def refused(said: object) -> NotUnderstood:
    with pytest.raises(NotUnderstood) as refusal:
        read(said)
    return refusal.value


def body(quantity: str, value: object, unit: str, **more: object) -> dict[str, Any]:
    return {quantity: {"value": value, "unit": unit}, "effective_time_frame": {"date_time": AT}} | more


def walk(start: str, end: str) -> dict[str, Any]:
    interval = {"time_interval": {"start_date_time": start, "end_date_time": end}}
    return {"step_count": {"value": 5400, "unit": "steps"}, "effective_time_frame": interval}


@pytest.mark.interop
def test_every_sample_that_should_pass_is_read_or_named_as_not_kept(shared: Path) -> None:
    samples = sorted((shared / FOLDER).rglob("shouldPass/*.json"))
    kept = set()
    assert len(samples) >= 20
    for path in samples:
        said = json.loads(path.read_text("utf-8"))
        for form in (said, {"header": header(path.parts[-4]), "body": said}):
            try:
                kept |= {sample.metric for sample in read(form)}
            except NotUnderstood as refusal:
                assert refusal.reason == "metric_not_kept", path
                assert path.parts[-4].partition("-")[0] in refusal.detail, path
                assert "descriptive_statistic" in said or path.parts[-4] == "body-mass-index"
    assert kept == {"weight", "body_fat", "bp_sys", "bp_dia", "pulse", "glucose", "steps", "sleep"}


@pytest.mark.interop
def test_every_sample_that_should_fail_is_refused_and_with_its_header_too(shared: Path) -> None:
    samples = sorted((shared / FOLDER).rglob("shouldFail/*.json"))
    assert len(samples) >= 30
    for path in samples:
        said = json.loads(path.read_text("utf-8"))
        for form in (said, {"header": header(path.parts[-4]), "body": said}):
            assert refused(form).reason in {
                "not_this_format", "unit_unknown", "interval_missing", "time_not_exact"
            }, path  # fmt: skip


def test_units_become_ours() -> None:
    (weight,) = read(body("body_weight", 150, "lb"))
    (glucose,) = read(body("blood_glucose", 5.5, "mmol/L"))
    (temperature,) = read(body("body_temperature", 98.6, "F"))
    assert [round(each.value, 2) for each in (weight, glucose, temperature)] == [68.04, 99.09, 37.0]


def test_sleep_and_steps_of_ieee_1752_are_read_by_their_own_names() -> None:
    slept = {"total_sleep_time": {"value": 6.5, "unit": "h"}, "effective_time_frame": NIGHT}
    (sleep,) = read({"header": header("total-sleep-time"), "body": slept})
    assert (sleep.metric, sleep.value, sleep.seconds) == ("sleep", 390.0, 7 * 3600)
    moved = {"activity_name": "walking", "base_movement_quantity": {"value": 2900, "unit": "steps"}}
    frame = {"time_interval": {"end_date_time": AT, "duration": {"value": 30, "unit": "min"}}}
    (steps,) = read({"header": header("physical-activity", "ieee"), "body": moved | {"effective_time_frame": frame}})
    assert (steps.metric, steps.value, steps.seconds) == ("steps", 2900.0, 1800)
    assert steps.at and steps.at.isoformat() == "2026-11-01T06:40:00+09:00"


def test_steps_of_a_whole_civil_day_are_that_days_total() -> None:
    (day,) = read(walk("2026-10-31T15:00:00Z", "2026-11-01T15:00:00Z"))
    assert (day.metric, day.seconds) == ("steps_day", 86_400)
    (shifted,) = read(walk("2026-10-31T16:00:00Z", "2026-11-01T16:00:00Z"))
    assert shifted.metric == "steps"
    assert refused(walk("2026-10-31T15:00:00Z", "2026-11-01T15:00:01Z")).reason == "interval_too_long"
    assert refused(walk("2026-11-01T15:00:00Z", "2026-10-31T15:00:00Z")).reason == "time_impossible"


def test_a_part_of_a_day_is_no_time() -> None:
    frame = {"time_interval": {"date": "2026-11-01", "part_of_day": "morning"}}
    assert refused(body("body_weight", 61.2, "kg", effective_time_frame=frame)).reason == "time_not_exact"


def test_a_weight_of_a_whole_night_is_no_reading() -> None:
    assert refused(body("body_weight", 61.2, "kg", effective_time_frame=NIGHT)).reason == "time_not_exact"


def test_what_is_measured_in_motion_or_not_in_blood_is_named() -> None:
    active = body("heart_rate", 140, "beats/min", temporal_relationship_to_physical_activity="during exercise")
    assert refused(active).detail.startswith("heart-rate in motion")
    sensor = body("blood_glucose", 110, "mg/dL", specimen_source="interstitial fluid")
    assert refused(sensor).reason == "metric_not_kept"
    assert read(sensor | {"specimen_source": "capillary blood"})[0].value == 110.0


def test_body_fat_is_the_devices_estimate() -> None:
    assert read(body("body_fat_percentage", 24.1, "%"))[0].flags == Flag.ESTIMATE


def test_of_an_array_the_sound_points_are_kept_and_the_others_named_by_their_place() -> None:
    refusal = refused([body("body_weight", 61.2, "kg"), {}, body("heart_rate", 66, "beats/min"), body("x", 1, "kg")])
    assert refusal.reason == "bad_parts"
    assert refusal.detail.startswith("[1] not_this_format") and "[3]" in refusal.detail and "2 of 4" in refusal.detail
    assert [sample.metric for sample in refusal.understood] == ["weight", "pulse"]


def test_a_schema_that_nobody_here_knows_is_named_and_never_repeats_what_is_no_name() -> None:
    known = refused({"header": header("ambient-temperature"), "body": body("x", 1, "C")})
    assert known.reason == "metric_not_kept" and "ambient-temperature" in known.detail
    assert "61.2 kg" not in refused({"header": header("61.2 kg"), "body": body("x", 1, "kg")}).detail


def test_a_header_that_names_another_schema_than_its_body_is_refused() -> None:
    assert refused({"header": header("body-weight"), "body": body("heart_rate", 66, "beats/min")}).detail.endswith(
        "body_weight"
    )
