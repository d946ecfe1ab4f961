"""What devices get wrong: each fault costs as little as it can, and no raw value goes without a trace."""

from datetime import datetime, timedelta
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.catalogue import decode
from devices.payloads import gatt_glucose
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

CLOCK = "ea070b01070a1e"
AT = datetime(2026, 11, 1, 7, 10, 30, tzinfo=JST)


def refusal(model: str, payload: bytes) -> NotUnderstood:
    with pytest.raises(NotUnderstood) as caught:
        decode(model, payload)
    return caught.value


def said(model: str, payload: bytes) -> dict[str, float]:
    return {each.metric: each.value for each in decode(model, payload)}


@pytest.mark.parametrize(("minutes", "at"), [(120, timedelta(hours=2)), (-540, timedelta(hours=-9)), (0, timedelta(0))])
def test_a_meters_time_is_its_base_time_and_the_owners_offset(minutes: int, at: timedelta) -> None:
    frame = b"\x03\x01\x00" + bytes.fromhex(CLOCK) + pack("<h", minutes) + bytes.fromhex("5ab011")
    assert decode("gatt_glucose_2a18", frame) == (Sample("glucose", 90.0, AT + at, flags=Flag.ZONE_ASSUMED),)


@pytest.mark.parametrize("where", ["1a", "41", "4a"])
def test_control_fluid_is_nobodys_blood(where: str) -> None:
    assert refusal("gatt_glucose_2a18", f"020100{CLOCK}5ab0{where}".encode()).reason == "control_solution"


@pytest.mark.parametrize("bit", range(16))
def test_a_meter_that_doubts_its_number_is_refused_and_a_flat_battery_is_no_doubt(bit: int) -> None:
    frame = bytes.fromhex(f"0a0100{CLOCK}5ab011") + pack("<H", 1 << bit)
    if bit in (1, 2, 3, 4, 7, 8, 9, 10):
        assert refusal("gatt_glucose_2a18", frame).reason == "sensor_fault"
    else:
        [sample] = decode("gatt_glucose_2a18", frame)
        assert sample.value == 90.0 and (sample.at is None) == (bit == 11)


@pytest.mark.parametrize(("special", "reason"), [("fe07", "beyond_the_meter"), ("0208", "beyond_the_meter"),
                                                 ("ff07", "measurement_unsuccessful")])  # fmt: skip
def test_a_meter_that_shows_no_number_gives_none(special: str, reason: str) -> None:
    assert refusal("gatt_glucose_2a18", f"020100{CLOCK}{special}11".encode()).reason == reason


@given(st.integers(10, 1000), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.integers(0, 65_535))
def test_no_measurement_is_taken_for_a_context(mg_dl: int, at: datetime, sequence: int) -> None:
    assert decode("gatt_glucose_2a18", gatt_glucose(mg_dl, at.replace(tzinfo=JST), sequence))


@given(st.integers(0, 0xFF).map(lambda flags: flags & 0xDF), st.integers(0, 0xFFFF), st.integers(1, 7))
def test_a_context_alone_is_refused_with_the_way_to_send_it(flags: int, sequence: int, meal: int) -> None:
    parts = ((0x80, "00"), (0x01, "01ffff"), (0x02, f"{meal:02x}"), (0x04, "11"), (0x08, "ffffff"), (0x10, "01ffff"),
             (0x40, "ffff"))  # fmt: skip
    body = "".join(part for bit, part in parts if flags & bit)
    frame = pack("<BH", flags, sequence) + bytes.fromhex(body)
    fault = refusal("gatt_glucose_2a18", frame)
    assert fault.reason == "context_alone" and '"measurement"' in fault.detail


def test_both_frames_of_a_weighing_are_one_measurement_in_any_order() -> None:
    frames = f'"0212fa00{CLOCK}a613"', f'"0214ffff{CLOCK}1437"'
    one, other = (decode("gatt_body_composition_2a9c", f'{{"frames":[{",".join(order)}]}}'.encode())
                  for order in (frames, frames[::-1]))  # fmt: skip
    assert one == other
    assert {each.metric: each.value for each in one} == {"weight": 70.5, "impedance": 503.0, "body_fat": 25.0}


@pytest.mark.parametrize(
    "second",
    [
        "0214ffffea070b01070a1f1437",  # a second later
        f"0214fb00{CLOCK}1437",  # another share of fat
        f"0204ffff{CLOCK}1437",  # a whole measurement
    ],
)
def test_frames_that_do_not_belong_together_are_refused(second: str) -> None:
    payload = f'{{"frames":["0212fa00{CLOCK}a613","{second}"]}}'.encode()
    assert refusal("gatt_body_composition_2a9c", payload).reason == "frames_disagree"


def test_an_impossible_share_of_fat_does_not_cost_the_weight() -> None:
    fault = refusal("gatt_body_composition_2a9c", f"0206e803{CLOCK}a6131437".encode())
    assert fault.reason == "body_fat_impossible"
    assert {each.metric for each in fault.understood} == {"weight", "impedance"}


@pytest.mark.parametrize("ohm", [0, 3, 49, 3000, 65533])
def test_impedance_without_contact_costs_neither_weight_nor_is_it_believed(ohm: int) -> None:
    assert said("theengs_scale", b'{"weighing_mode":"person","unit":"kg","weight":61.75,"impedance":%d}' % ohm) == {
        "weight": 61.75
    }
    assert said("ble_scale_sync", b'{"weight":61.75,"impedance":%d,"bmi":23,"bodyFatPercent":25}' % ohm) == {
        "weight": 61.75
    }


def test_a_pulse_that_was_not_found_does_not_cost_the_pressure() -> None:
    for pulse in ("0000", "ff07"):
        payload = f"0678005000ff07{CLOCK}{pulse}".encode()
        assert said("gatt_blood_pressure_2a35", payload) == {"bp_sys": 120.0, "bp_dia": 80.0}


@pytest.mark.parametrize("numbers", ["50007800", "78007800", "00005000", "78000000"])
def test_a_pressure_that_no_one_can_have_is_refused_whole(numbers: str) -> None:
    assert refusal("gatt_blood_pressure_2a35", f"00{numbers}5d00".encode()).reason in (
        "pressure_impossible",
        "measurement_unsuccessful",
    )


def test_a_run_is_named_as_something_not_kept() -> None:
    assert refusal("gatt_rsc_2a53", b"04000360").reason == "nothing_is_kept"


@pytest.mark.parametrize("text", ["0xfcd2", "fcd2", "FCD2", "0000fcd2-0000-1000-8000-00805f9b34fb"])
def test_an_advertisement_is_read_when_it_is_of_the_service(text: str) -> None:
    assert said("bthome_v2", f'{{"servicedatauuid":"{text}","servicedata":"40065e1f"}}'.encode()) == {"weight": 80.3}
    assert refusal("xiaomi_scale_181d", f'{{"servicedatauuid":"{text}","servicedata":"40065e1f"}}'.encode()).reason == (
        "other_service"
    )


@pytest.mark.parametrize(
    "before",
    ["0009", "0161", "02ca09", "04138a01", "0a138a14", "5001020304", "5303414243", "540201ff", "f05902", "59ea"],
)
def test_a_mass_is_found_behind_every_other_object(before: str) -> None:
    assert said("bthome_v2", f"40{before}065e1f".encode()) == {"weight": 80.3}


@pytest.mark.parametrize(("count", "steps"), [("3d0960", 24585), ("3e2a2c0900", 601130), ("5aeaea3d0960", 24585)])
def test_a_counter_of_two_or_four_bytes_counts_steps(count: str, steps: int) -> None:
    assert said("bthome_v2", f"40{count}".encode()) == {"steps_counter": steps}
