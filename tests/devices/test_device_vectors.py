"""Byte vectors from the standards and from frames heard in the wild."""

from datetime import UTC, datetime

import pytest

from devices.catalogue import decode
from devices.frames import date_time, frame, sfloat
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample


def refusal(model: str, payload: bytes) -> str:
    with pytest.raises(NotUnderstood) as caught:
        decode(model, payload)
    return caught.value.reason


@pytest.mark.parametrize(
    ("raw", "value"),
    [(0x0078, 120.0), (0xF4B0, 120.0), (0xB05A, 0.0009), (0xC0FA, 0.025), (0x0FFF, -1.0), (0x1801, -20470.0)],
)
def test_an_sfloat_is_read_exactly(raw: int, value: float) -> None:
    assert sfloat(raw) == value


@pytest.mark.parametrize("raw", [0x07FE, 0x07FF, 0x0800, 0x0801, 0x0802])
def test_an_sfloat_that_is_no_number_is_none(raw: int) -> None:
    assert sfloat(raw) is None


@pytest.mark.parametrize(
    "clock",
    [
        "00000b01070a1e",
        "ea07000107 0a1e",
        "ea070b00070a1e",
        "ea070d01070a1e",
        "ea07021e070a1e",
        "ea070b01183b3b",
        "ffff0b01070a1e",
        "01000101000000",  # year 1: before the calendar once moved to UTC
        "0f270c1f173b3b",  # the last second of 9999: after it
    ],
)
def test_an_unset_or_impossible_date_is_no_time(clock: str) -> None:
    assert date_time(bytes.fromhex(clock), JST) is None


def test_a_device_clock_is_read_in_the_zone_given() -> None:
    clock = bytes.fromhex("ea070b01070a1e")
    assert date_time(clock, JST) == datetime(2026, 10, 31, 22, 10, 30, tzinfo=UTC)
    assert date_time(clock, UTC) == datetime(2026, 11, 1, 7, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "payload",
    [
        bytes.fromhex("223e30e607020e10293a"),
        b"223e30e607020e10293a",
        b"223E30E607020E10293A\n",
        b"22 3e 30 e6 07 02 0e 10 29 3a",
        b"22:3e:30:e6:07:02:0e:10:29:3a",
        b'{"hex":"223e30e607020e10293a"}',
        b'{"id":"AA","rssi":-60,"servicedatauuid":"0x181d","servicedata":"223e30e607020e10293a"}',
    ],
)
def test_a_frame_is_the_same_in_every_wrapping(payload: bytes) -> None:
    assert frame(payload).hex() == "223e30e607020e10293a"
    assert decode("xiaomi_scale_181d", payload) == (
        Sample("weight", 61.75, datetime(2022, 2, 14, 16, 41, 58, tzinfo=JST), flags=Flag.ZONE_ASSUMED),
    )


@pytest.mark.parametrize(
    ("payload", "reason"),
    [(b" \n", "empty"), (b'{"hex":"22zz"}', "not_hex"), (b'{"id":"AA"}', "not_hex"), (b'{"hex":}', "not_json")],
)
def test_a_wrapping_without_a_frame_says_what_is_wrong(payload: bytes, reason: str) -> None:
    assert refusal("xiaomi_scale_181d", payload) == reason


def test_a_thing_on_the_scale_is_not_a_person() -> None:
    assert refusal("xiaomi_scale_181d", b"627607e607020e10293a") == "object_not_person"


@pytest.mark.parametrize("control", [0x02, 0x03, 0x12, 0x82, 0xA2, 0xB2, 0xA3])
def test_a_weighing_that_is_unstable_or_over_is_refused(control: int) -> None:
    frame_181d = bytes([control]) + bytes.fromhex("3e30e607020e10293a")
    assert refusal("xiaomi_scale_181d", frame_181d) in ("not_stable", "weight_removed")


@pytest.mark.parametrize(
    ("control", "kg"), [(0x22, 61.75), (0x20, 61.75), (0x23, 56.019), (0x21, 56.019), (0x30, 61.75)]
)
def test_a_scale_set_to_pounds_or_catty_gives_kilograms(control: int, kg: float) -> None:
    payload = bytes([control]) + bytes.fromhex("3e30e607020e10293a")
    assert decode("xiaomi_scale_181d", payload)[0].value == kg


def test_weight_2a9d_of_the_standard() -> None:
    assert decode("gatt_weight_2a9d", bytes.fromhex("021437ea070b01070a1e"))[0].value == 70.5


def test_systolic_diastolic_and_pulse_are_one_measurement_with_its_remarks() -> None:
    samples = decode("gatt_blood_pressure_2a35", b"16b0f4" + b"20f3" + b"ff07" + b"ea070b01070a1e" + b"4800" + b"0500")
    assert [(each.metric, each.value) for each in samples] == [("bp_sys", 120.0), ("bp_dia", 80.0), ("pulse", 72.0)]
    assert {each.at for each in samples} == {datetime(2026, 11, 1, 7, 10, 30, tzinfo=JST)}
    assert {each.flags for each in samples} == {Flag.BODY_MOVED | Flag.IRREGULAR_PULSE | Flag.ZONE_ASSUMED}


@pytest.mark.parametrize("special", ["fe07", "ff07", "0008", "0108", "0208"])
def test_a_pressure_that_is_no_number_is_refused(special: str) -> None:
    assert refusal("gatt_blood_pressure_2a35", f"00{special}50005d00".encode()) == "measurement_unsuccessful"
    assert refusal("gatt_blood_pressure_2a35", f"007800{special}5d00".encode()) == "measurement_unsuccessful"


def test_kilopascal_become_millimetres_of_mercury() -> None:
    systolic, diastolic = decode("gatt_blood_pressure_2a35", b"01a0f06bf07cf0")
    assert (systolic.value, diastolic.value) == (120.01, 80.26)


def test_body_fat_is_marked_as_an_estimate_and_weight_is_not() -> None:
    flags = {each.metric: each.flags for each in decode("gatt_body_composition_2a9c", b"0004fa001437")}
    assert flags == {"weight": 0, "body_fat": Flag.ESTIMATE}


def test_a_frame_longer_than_its_flags_say_is_refused() -> None:
    assert refusal("gatt_weight_2a9d", b"0014370000") == "wrong_length"


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotUnderstood, match=r"unknown_model: .*theengs_scale") as caught:
        decode("mi_scale", b"")
    assert caught.value.reason == "unknown_model"
