"""`phr_readings`: our own batch, its units, its times, and what one bad reading costs."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.catalogue import decode
from devices.units import HOME_UNITS
from store.metrics import METRICS
from store.model import NotUnderstood, Sample

AT = "2026-11-01T07:10:00+09:00"
LATER = "2026-11-02T07:10:00+09:00"
GOOD = {"metric": "weight", "value": 61.2, "unit": "kg", "at": AT}


def said(*readings: Any) -> tuple[Sample, ...]:
    return decode("phr_readings", json.dumps({"readings": readings}).encode())


def refused(*readings: Any) -> NotUnderstood:
    with pytest.raises(NotUnderstood) as caught:
        said(*readings)
    return caught.value


@pytest.mark.parametrize(
    ("metric", "value", "unit", "canonical"),
    [
        ("weight", 61200, "g", 61.2),
        ("weight", 136.1, "[lb_av]", 61.733921557),
        ("bp_sys", 16, "kPa", 120.00986928),
        ("glucose", 5.5, "mmol/L", 99.0858),
        ("temperature", 97.7, "[degF]", 36.5),
        ("temperature", 36.5, "Cel", 36.5),
        ("sleep", 7.5, "h", 450.0),
        ("sleep", 27000, "s", 450.0),
        ("spo2", 97, "%", 97.0),
        ("steps_day", 6210, "{steps}/(24.h)", 6210.0),
    ],
)
def test_a_unit_becomes_the_canonical_one(metric: str, value: float, unit: str, canonical: float) -> None:
    (sample,) = said({"metric": metric, "value": value, "unit": unit, "at": AT})
    assert sample.value == pytest.approx(canonical, rel=1e-12)


@pytest.mark.parametrize("metric", HOME_UNITS)
def test_the_canonical_unit_changes_no_number(metric: str) -> None:
    assert HOME_UNITS[metric][METRICS[metric].ucum] == (1.0, 0.0)


def test_a_time_keeps_its_moment_whatever_its_offset() -> None:
    moments = [said(GOOD | {"at": text})[0].at for text in (AT, "2026-10-31T22:10:00Z", "2026-10-31T17:10:00-05:00")]
    assert moments == [datetime(2026, 10, 31, 22, 10, tzinfo=UTC)] * 3


def test_a_reading_without_time_counts_from_its_arrival() -> None:
    assert said({"metric": "weight", "value": 61.2, "unit": "kg"}) == (Sample("weight", 61.2),)


def test_an_interval_keeps_its_length() -> None:
    (sample,) = said({"metric": "steps", "value": 412, "unit": "{steps}", "at": AT, "seconds": 900})
    assert sample.seconds == 900


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"at": "2026-11-01T07:10:00"}, "timezone"),
        ({"at": "2026-02-30T07:10:00+09:00"}, "RFC3339"),
        ({"at": "1890-01-01T00:00:00+09:00"}, "time_impossible"),
        ({"at": 1793491800}, "datetime"),
        ({"at": None, "seconds": 900}, "time_missing"),
        ({"at": None, "metric": "steps_day", "unit": "1/d"}, "time_missing"),
        ({"seconds": 86_401}, "seconds"),
        ({"seconds": -1}, "seconds"),
        ({"value": "61.2"}, "value"),
        ({"value": None}, "value"),
        ({"value": True}, "value"),
        ({"value": 1e10}, "value"),
        ({"unit": "mm[Hg]"}, "expected weight in kg or g"),
        ({"metric": "hba1c"}, "known metrics: weight"),
    ],
)
def test_a_bad_reading_is_refused_with_its_place_and_what_was_expected(change: dict[str, Any], words: str) -> None:
    refusal = refused(GOOD | {"at": LATER}, GOOD | change)
    assert refusal.reason == "bad_readings"
    assert refusal.detail.startswith("readings[1] ") and words in refusal.detail


def test_one_bad_reading_does_not_cost_the_others() -> None:
    days = [GOOD | {"at": f"2026-11-{day:02d}T07:10:00+09:00"} for day in range(1, 31)]
    refusal = refused(*days[:7], days[7] | {"unit": "stone"}, *days[8:])
    assert [each.at.day for each in refusal.understood if each.at] == [day for day in range(1, 31) if day != 8]
    assert "(1 of 30 refused" in refusal.detail


def test_a_systolic_pressure_does_not_stand_without_its_diastolic() -> None:
    systolic = {"metric": "bp_sys", "value": 128, "unit": "mm[Hg]", "at": AT}
    diastolic = {"metric": "bp_dia", "value": "82", "unit": "mm[Hg]", "at": AT}
    refusal = refused(systolic, diastolic, GOOD | {"at": LATER})
    assert [each.metric for each in refusal.understood] == ["weight"]


@pytest.mark.parametrize("first", [b'{"metric":"weight"}', b'{"metric":"weight","value":61.2,"unit":"kg"}'])
@pytest.mark.parametrize("second", [b"", b'{"metric":"temperature","value":36.4,"unit":"Cel"}'])
def test_a_list_said_twice_is_refused_since_one_of_them_would_be_lost(first: bytes, second: bytes) -> None:
    with pytest.raises(NotUnderstood) as caught:
        decode("phr_readings", b'{"readings":[' + first + b'],"readings" :[' + second + b"]}")
    assert caught.value.reason in ("not_this_format", "empty")
    assert caught.value.understood == ()


def test_a_reading_that_is_no_object_costs_only_what_has_no_time_either() -> None:
    untimed = {"metric": "temperature", "value": 36.4, "unit": "Cel"}
    assert [each.metric for each in refused(7, GOOD, untimed).understood] == ["weight"]


def test_a_long_list_of_faults_is_told_briefly() -> None:
    refusal = refused(*[GOOD | {"unit": "stone"}] * 1000)
    assert len(refusal.detail) < 1000 and "1000 of 1000 refused" in refusal.detail
    assert refusal.understood == ()


@given(st.floats(100, 999).map(lambda value: round(value, 3)))
def test_a_refusal_repeats_no_value(value: float) -> None:
    for bad in ({"unit": f"{value}"}, {"metric": f"weight {value}"}, {"value": f"{value}"}, {"at": f"{value}"}):
        refusal = refused(GOOD | {"value": value} | bad)
        assert str(value) not in str(refusal)


@given(
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner)
                | st.fixed_dictionaries(
                    {},
                    optional={
                        "metric": st.sampled_from([*HOME_UNITS]) | inner,
                        "value": inner,
                        "unit": st.sampled_from(["kg", "%"]) | inner,
                        "at": st.sampled_from([AT, "9999-12-31T23:59:59-23:59"]) | inner,
                        "seconds": inner,
                    },
                )
            ),
        ),
        max_size=4,
    )
)
def test_any_json_gives_known_finite_samples_or_a_refusal(readings: list[Any]) -> None:
    try:
        samples = said(*readings)
    except NotUnderstood as refusal:
        samples = refusal.understood
    assert all(sample.metric in HOME_UNITS and abs(sample.value) < 1e11 for sample in samples)
