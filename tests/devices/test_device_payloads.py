"""The simulator's payloads are what the decoders read: there and back gives the same within the device's resolution."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import payloads
from devices.catalogue import decode
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=JST))
weights = st.floats(2, 300)
remarks = st.sets(st.sampled_from([Flag.BODY_MOVED, Flag.CUFF_LOOSE, Flag.IRREGULAR_PULSE, Flag.POSITION_IMPROPER]))


@given(weights, st.none() | st.integers(50, 2999))
def test_a_theengs_scale_says_what_was_weighed(kg: float, impedance: int | None) -> None:
    weight, *rest = decode("theengs_scale", payloads.theengs_scale(kg, impedance))
    assert weight.value == pytest.approx(kg, abs=0.0051)
    assert [(each.metric, each.value) for each in rest] == ([] if impedance is None else [("impedance", impedance)])


@given(weights, st.none() | moments)
def test_a_raw_scale_says_what_was_weighed_and_when(kg: float, at: datetime | None) -> None:
    for model, payload in (
        ("xiaomi_scale_181d", payloads.xiaomi_181d(kg, at)),
        ("gatt_weight_2a9d", payloads.gatt_weight(kg, at)),
    ):
        (weight,) = decode(model, payload)
        assert weight.value == pytest.approx(kg, abs=0.0026)
        assert weight.at == at


def test_a_thing_on_a_simulated_scale_is_refused() -> None:
    at = datetime(2026, 11, 1, 7, 10, tzinfo=JST)
    with pytest.raises(NotUnderstood, match="object_not_person"):
        decode("xiaomi_scale_181d", payloads.xiaomi_181d(9.55, at, person=False))
    with pytest.raises(NotUnderstood, match="object_not_person"):
        decode("theengs_scale", payloads.theengs_scale(9.55, mode="object"))


def test_a_simulated_frame_equals_the_frame_heard_in_the_wild() -> None:
    at = datetime(2022, 2, 14, 16, 41, 58, tzinfo=JST)
    assert payloads.xiaomi_181d(61.75, at).hex() == "223e30e607020e10293a"
    assert payloads.xiaomi_181d(9.55, at, person=False).hex() == "627607e607020e10293a"


@given(st.floats(101, 300), st.floats(20, 100), st.none() | st.floats(20, 250), st.none() | moments, remarks)
def test_a_cuff_says_what_it_measured(
    systolic: float, diastolic: float, pulse: float | None, at: datetime | None, remarked: set[Flag]
) -> None:
    payload = payloads.gatt_blood_pressure(systolic, diastolic, pulse, at, flags=sum(remarked))
    samples = decode("gatt_blood_pressure_2a35", payload)
    given_values = [value for value in (systolic, diastolic, pulse) if value is not None]
    for sample, value in zip(samples, given_values, strict=True):
        assert sample.value == pytest.approx(value, abs=0.0501 if value < 204 else 0.501)
        assert (sample.at, sample.flags) == (at, sum(remarked) + (Flag.ZONE_ASSUMED if at else 0))


@given(st.floats(10, 1000), st.none() | moments, st.integers(0, 65_535))
def test_a_meter_says_what_it_measured(mg_dl: float, at: datetime | None, sequence: int) -> None:
    [sample] = decode("gatt_glucose_2a18", payloads.gatt_glucose(mg_dl, at, sequence))
    assert sample.value == pytest.approx(mg_dl, abs=0.501)
    assert (sample.at, sample.flags) == (at, Flag.ZONE_ASSUMED if at else Flag.CLOCK_REPLACED)


@given(st.integers(0, 65_535))
def test_a_band_says_its_counter(steps: int) -> None:
    assert decode("pedometer_counter", payloads.pedometer_counter(steps)) == (Sample("steps_counter", float(steps)),)


@given(st.lists(st.tuples(weights, st.none() | moments), min_size=1, max_size=60))
def test_a_batch_comes_back_as_it_went(rows: list[tuple[float, datetime | None]]) -> None:
    payload = payloads.phr_readings([("weight", kg, "kg", at) for kg, at in rows])
    assert decode("phr_readings", payload) == tuple(Sample("weight", kg, at) for kg, at in rows)


def test_an_interval_comes_back_with_its_length() -> None:
    at = datetime(2026, 11, 1, 7, 0, tzinfo=JST) + timedelta(minutes=15)
    payload = payloads.phr_readings([("steps", 412, "{steps}", at, 900)])
    assert decode("phr_readings", payload) == (Sample("steps", 412.0, at, 900),)
