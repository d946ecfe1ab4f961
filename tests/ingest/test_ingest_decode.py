import operator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple
from msgspec.structs import replace as replace_fields

from devices.payloads import gatt_blood_pressure, pedometer_counter, phr_readings, theengs_scale
from ingest.decode import Outcome, decode, models
from ingest.message import Message, address
from store.clock import JST
from store.copied import in_key_order
from store.model import Flag, Member, Registration, Sample

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)  # 12:00 in Japan
LONG_AGO = NOW - timedelta(days=500)


def registered(model: str = "phr_readings", **more: object) -> Registration:
    base = Registration(1, "gw-1", "d", model, 7, None, 70, valid_from=LONG_AGO, valid_to=None)
    return replace(base, **more)


def said(payload: bytes, *known: Registration, topic: str = "phr/v1/gw-1/d", **more: object) -> Outcome:
    members = more.pop("members", {})
    return decode(replace_fields(Message(topic, payload, NOW), **more), known, members)


def reason(outcome: Outcome) -> str | None:
    return outcome.rejection and outcome.rejection.reason


def weight(at: datetime | None, kg: float = 61.7) -> bytes:
    return phr_readings([("weight", kg, "kg", at)])


def test_a_reading_carries_person_source_time_and_arrival() -> None:
    at = datetime(2026, 11, 20, 7, 10, tzinfo=JST)
    [reading] = said(weight(at), registered()).taken
    assert (reading.person_id, reading.source_id, reading.metric, reading.value) == (7, 70, "weight", 61.7)
    assert (reading.at, reading.flags, reading.received_at) == (at, 0, NOW)


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("phr/v1/gw-1/d", ("gw-1", "d")),
        ("phr/v1/gw-1/OpenMQTTGateway/BTtoMQTT/A4C138", ("gw-1", "A4C138")),
        *((topic, None) for topic in ("phr/v1/gw-1", "phr/v1/gw-1/", "phr/v1//d", "phr/v2/gw-1/d", "", "x")),
    ],
)
def test_who_speaks_is_told_by_the_topic_alone(topic: str, expected: tuple[str, str] | None) -> None:
    assert address(topic) == expected
    assert (reason(said(weight(NOW), registered(), topic=topic)) == "bad_topic") == (expected is None)


def test_every_refusal_keeps_the_raw_bytes_and_says_why() -> None:
    outcomes = {
        "unregistered_device": said(weight(NOW)),
        "unknown_model": said(weight(NOW), registered("no_such_model")),
        "not_json": said(b"\xff\x00", registered()),
        "object_not_person": said(theengs_scale(12, mode="object"), registered("theengs_scale")),
        "out_of_range": said(weight(NOW, 800), registered()),
    }
    for expected, outcome in outcomes.items():
        assert outcome.rejection is not None
        assert (reason(outcome), outcome.rejection.raw) == (expected, outcome.message.payload)
        assert (outcome.rejection.gateway_id, outcome.taken) == ("gw-1", [])
        assert "800" not in outcome.rejection.detail


def test_a_decoder_that_breaks_stops_only_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(payload: bytes, zone: object) -> None:
        raise KeyError("a value of 61.7")

    monkeypatch.setitem(models(), "phr_readings", replace(models()["phr_readings"], decode=broken))
    outcome = said(weight(NOW), registered())
    assert outcome.rejection is not None
    assert (outcome.rejection.reason, outcome.rejection.detail) == ("decoder_failed", "phr_readings: KeyError")


def test_a_pressure_with_one_impossible_number_is_refused_whole_and_its_neighbour_stays() -> None:
    one, two = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    batch = phr_readings(
        [
            ("bp_sys", 128, "mm[Hg]", one),
            ("bp_dia", 900, "mm[Hg]", one),
            ("bp_sys", 130, "mm[Hg]", two),
            ("bp_dia", 82, "mm[Hg]", two),
        ]
    )
    outcome = said(batch, registered())
    assert {(row.metric, row.value) for row in outcome.taken} == {("bp_sys", 130), ("bp_dia", 82)}
    assert reason(outcome) in ("out_of_range", "bad_readings")


def test_no_time_of_its_own_means_the_moment_of_arrival() -> None:
    outcome = said(theengs_scale(61.7, impedance=500), registered("theengs_scale"))
    assert [(row.at, row.flags) for row in outcome.taken] == [(NOW, Flag.ARRIVAL_TIME)] * 2
    assert outcome.windows == {70: models()["theengs_scale"].repeats_seconds}


@pytest.mark.parametrize(
    ("off", "kept"),
    [
        (timedelta(minutes=9), True),
        (timedelta(minutes=11), False),
        (timedelta(days=-399), True),
        (timedelta(days=-401), False),
        (timedelta(days=-9000), False),
    ],
)
def test_an_impossible_clock_is_replaced_and_marked(off: timedelta, kept: bool) -> None:
    [reading] = said(weight(NOW + off), registered()).taken
    assert (reading.at, reading.flags) == ((NOW + off, 0) if kept else (NOW, Flag.CLOCK_REPLACED))


def test_the_remarks_of_the_device_are_kept_beside_ours() -> None:
    payload = gatt_blood_pressure(128, 82, 66, None, flags=int(Flag.BODY_MOVED)).hex().encode()
    outcome = said(payload, registered("gatt_blood_pressure_2a35"))
    assert {row.flags for row in outcome.taken} == {Flag.BODY_MOVED | Flag.ARRIVAL_TIME}


def test_a_device_handed_on_speaks_for_who_had_it_when_it_measured() -> None:
    handed_on = NOW - timedelta(days=30)
    known = (registered(valid_to=handed_on), registered(valid_from=handed_on, person_id=8, source_id=80))
    late, fresh = said(weight(NOW - timedelta(days=42)), *known), said(weight(NOW), *known)
    assert [(row.person_id, row.source_id) for row in (*late.taken, *fresh.taken)] == [(7, 70), (8, 80)]


def test_what_was_measured_before_the_device_was_anyones_is_nobodys() -> None:
    began = registered(valid_from=NOW - timedelta(days=1))
    assert reason(said(weight(NOW - timedelta(days=2)), began)) == "not_registered_then"
    slow_clock = said(weight(NOW - timedelta(days=1, minutes=5)), began)
    assert [row.person_id for row in slow_clock.taken] == [7]


def test_an_interval_belongs_to_who_had_the_device_at_its_end() -> None:
    began = registered(valid_from=NOW - timedelta(minutes=30))
    hour = said(phr_readings([("steps", 800, "{steps}", NOW - timedelta(hours=1), 3600)]), began)
    day = said(phr_readings([("steps_day", 800, "{steps}/(24.h)", NOW - timedelta(hours=12))]), began)
    assert [row.person_id for row in (*hour.taken, *day.taken)] == [7, 7]


def test_a_device_that_ended_still_delivers_what_it_measured_before() -> None:
    ended = registered(valid_to=NOW - timedelta(days=1))
    assert said(weight(NOW - timedelta(days=2)), ended).taken
    assert reason(said(weight(None), ended)) == "not_registered_then"


def home(*members: Member) -> Outcome:
    shared = registered("theengs_scale", person_id=None, household_id=4)
    return said(theengs_scale(61.7), shared, members={4: members})


def test_a_household_of_one_needs_no_claim() -> None:
    [reading] = home(Member(4, 9, LONG_AGO, None), Member(4, 8, LONG_AGO, NOW - timedelta(days=9))).taken
    assert reading.person_id == 9


def test_among_several_members_nobody_is_guessed() -> None:
    outcome = home(Member(4, 9, LONG_AGO, None), Member(4, 8, LONG_AGO, None))
    assert outcome.taken == []
    assert [(row.household_id, row.metric, row.at) for row in outcome.unclaimed] == [(4, "weight", NOW)]
    assert len(home().unclaimed) == 1


def test_an_old_message_that_the_broker_kept_does_not_pass_for_one_of_now() -> None:
    assert reason(said(theengs_scale(61.7), registered("theengs_scale"), retained=True)) == "retained_without_time"
    assert said(weight(NOW - timedelta(days=1)), registered(), retained=True).taken


def test_two_values_for_one_moment_are_not_both_true() -> None:
    broken_clock = phr_readings([("weight", kg, "kg", datetime(1970, 1, kg, tzinfo=UTC)) for kg in (5, 6)])
    outcome = said(broken_clock, registered())
    assert ([row.value for row in outcome.taken], reason(outcome)) == ([5], "time_not_unique")
    same_time = phr_readings([("weight", kg, "kg", NOW) for kg in (60, 61)])
    assert (said(same_time, registered()).taken, reason(said(same_time, registered()))) == ([], "time_not_unique")


def test_an_interval_with_a_broken_clock_ends_at_its_arrival() -> None:
    payload = phr_readings([("steps", 300, "{steps}", datetime(1970, 1, 1, tzinfo=UTC), 600)])
    [row] = said(payload, registered()).taken
    assert (row.at, row.seconds, row.flags) == (NOW - timedelta(seconds=600), 600, Flag.CLOCK_REPLACED)


@given(payload=st.binary(max_size=80), model=st.sampled_from(sorted(models())), retained=st.booleans())
def test_any_bytes_end_as_readings_or_as_a_rejection(payload: bytes, model: str, retained: bool) -> None:
    outcome = said(payload, registered(model), retained=retained)
    assert outcome.taken or outcome.rejection


@given(steps=st.integers(0, 10_000_000))
def test_a_counter_is_taken_as_it_is(steps: int) -> None:
    [row] = said(pedometer_counter(steps), registered("pedometer_counter")).taken
    assert (row.metric, row.value) == ("steps_counter", steps)


SAMPLES = st.builds(
    Sample,
    metric=st.sampled_from(["weight", "steps", "steps_day", "bp_sys", "unheard"]),
    value=st.sampled_from([60.0, 61.0, 500.0]),
    at=st.one_of(
        st.none(),
        st.builds(
            lambda days, zone: (NOW - timedelta(days=days)).astimezone(zone),
            st.sampled_from([-1.0, -0.001, 0.0, 0.5, 1.0, 399.0, 450.0]),
            st.sampled_from([JST, UTC, timezone(timedelta(hours=-3)), ZoneInfo("Europe/Paris")]),
        ),
    ),
    seconds=st.sampled_from([0, 0, 900, 90_000]),
    flags=st.sampled_from([0, 4, 1, 2]),
    device_at=st.sampled_from([None, None, NOW]),
    gateway_at=st.sampled_from([None, None, NOW]),
)


@given(
    samples=st.lists(SAMPLES, min_size=1, max_size=4),
    begun_days=st.sampled_from([0.2, 30.0, 500.0]),
    more=st.sampled_from([{}, {}, {"valid_to": NOW}, {"person_id": None, "household_id": 4}]),
)
def test_the_short_way_of_decoding_comes_to_the_same_as_the_careful_one(
    samples: list[Sample], begun_days: float, more: dict[str, object]
) -> None:
    registration = registered(valid_from=NOW - timedelta(days=begun_days), **more)
    model = replace(models()["phr_readings"], decode=lambda payload, zone: tuple(samples))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(models(), "phr_readings", model)
        short = said(b"", registration)
        patch.setattr("ingest.decode.plain", lambda samples, begun, arrival: None)
        careful = said(b"", registration)
    assert sorted(map(astuple, short.taken)) == sorted(map(astuple, careful.taken))
    ways = (in_key_order(one.readings, one.rows) for one in (short, careful))
    assert operator.eq(*([(*row[:4], *row[5:]) for row in rows] for rows in ways)), "apart from the place"
    assert replace_fields(short, readings=[], rows=[]) == replace_fields(careful, readings=[])
    assert short.plain <= (not careful.timeless and not careful.stated and not careful.rejection)


def test_nearly_every_message_takes_the_short_way() -> None:
    assert said(weight(NOW - timedelta(hours=1)), registered()).plain
    bundle = phr_readings([("weight", 60, "kg", NOW - timedelta(minutes=number)) for number in range(50)])
    assert said(bundle, registered()).plain


def test_what_a_broken_clock_showed_is_stated_beside_the_reading() -> None:
    outcome = said(weight(datetime(1970, 1, 1, tzinfo=UTC)), registered())
    assert outcome.stated == [(70, "weight", NOW, datetime(1970, 1, 1, tzinfo=UTC), None)]
    assert said(weight(NOW), registered()).stated == []
