from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from small_town import Town

from advice_engine.facts import DayFigure, Facts, HomePressure, Point
from advice_engine.gather import everyone, gather
from advice_engine.run import fingerprint
from store.clock import JST, day_start

TODAY = date(2026, 11, 20)


def at(day: date, hour: int = 7) -> datetime:
    return day_start(day) + timedelta(hours=hour)


def facts_of(conn: psycopg.Connection, person: int, today: date = TODAY) -> Facts:
    return gather(conn, [person], today)[person]


def test_a_person_of_whom_nothing_is_known_has_empty_facts(conn: psycopg.Connection, town: Town) -> None:
    person = town.person("1970-11-21", "female")
    found = facts_of(conn, person)
    assert found == Facts(person_id=person, today=TODAY, birth_date=date(1970, 11, 21), sex="female")
    assert found.age == 55


def test_somebody_unknown_is_left_out(conn: psycopg.Connection, town: Town) -> None:
    person = town.person()
    assert set(gather(conn, [person, 999_999], TODAY)) == {person}
    assert gather(conn, [], TODAY) == {}


def test_day_figures_reach_back_120_days_and_not_past_today(conn: psycopg.Connection, town: Town) -> None:
    person = town.person()
    for back in (120, 119, 1, 0, -1):
        town.day(person, TODAY - timedelta(days=back), "weight", 60 + back / 100)
    days = facts_of(conn, person).days["weight"]
    assert [figure.day for figure in days] == [TODAY - timedelta(days=back) for back in (119, 1, 0)]


def test_a_days_value_is_its_total_where_it_has_one_and_its_mean_elsewhere(
    conn: psycopg.Connection, town: Town
) -> None:
    person = town.person()
    town.day(person, TODAY, "steps", 6200, total=True, n=24)
    town.day(person, TODAY, "weight", 61.5, n=2)
    town.day(person, TODAY, "bp_sys", 150)
    assert facts_of(conn, person).days == {
        "steps": (DayFigure(TODAY, 6200, 24),),
        "weight": (DayFigure(TODAY, 61.5, 2),),
    }


def test_systolic_diastolic_and_pulse_of_one_moment_are_one_measurement(conn: psycopg.Connection, town: Town) -> None:
    person = town.person()
    morning = at(TODAY)
    town.pressure(person, morning, 142, 88, 70, flags=16)
    town.pressure(person, morning + timedelta(minutes=2), 138, 84)
    town.reading(person, "bp_sys", morning + timedelta(minutes=4), 150)  # its diastolic was lost
    town.reading(person, "pulse", morning + timedelta(minutes=6), 61)
    assert facts_of(conn, person).pressures == (
        HomePressure(morning, 142, 88, 70, 16),
        HomePressure(morning + timedelta(minutes=2), 138, 84),
    )


def test_two_cuffs_at_the_same_moment_stay_two_measurements(conn: psycopg.Connection, town: Town) -> None:
    person = town.person()
    for source, sys in ((1, 120), (2, 160)):
        town.reading(person, "bp_sys", at(TODAY), sys, source=source)
        town.reading(person, "bp_dia", at(TODAY), sys - 50, source=source)
    assert [(one.sys, one.dia) for one in facts_of(conn, person).pressures] == [(120, 70), (160, 110)]


@pytest.mark.parametrize(
    ("moment", "counts"),
    [
        (day_start(TODAY - timedelta(days=27)), True),
        (day_start(TODAY - timedelta(days=27)) - timedelta(seconds=1), False),
        (datetime(2026, 11, 20, 23, 59, 59, tzinfo=JST), True),
        (datetime(2026, 11, 20, 15, 0, 0, tzinfo=UTC), False),  # midnight in Japan: tomorrow
    ],
)
def test_readings_count_for_28_civil_days(conn: psycopg.Connection, town: Town, moment: datetime, counts: bool) -> None:
    person = town.person()
    town.pressure(person, moment, 150, 95)
    town.reading(person, "glucose", moment, 110)
    found = facts_of(conn, person)
    assert bool(found.pressures) is counts
    assert found.glucoses == ((Point(moment, 110),) if counts else ())


def test_checkups_come_newest_first_with_numbers_and_answers(conn: psycopg.Connection, town: Town) -> None:
    person, source = town.person(), town.source("record", "健診センター", "0611234567")
    consent = town.consent(person)
    for year, sys in ((2024, 128), (2026, 149), (2025, 136)):
        document = town.document(person, f"{year}-06-01", consent=consent, source=source)
        for metric, value in (("office_bp_sys", sys), ("q_smoking", 3)):
            town.record(person, consent=consent, source=source, document_id=document, metric=metric, value=value)
        town.record(person, consent=consent, source=source, document_id=document, title="医師の判断")
    found = facts_of(conn, person).checkups
    assert [(one.examined_on.year, dict(one.values)) for one in found] == [
        (2026, {"office_bp_sys": 149, "q_smoking": 3}),
        (2025, {"office_bp_sys": 136, "q_smoking": 3}),
        (2024, {"office_bp_sys": 128, "q_smoking": 3}),
    ]
    assert found[0].facility == "健診センター"


def test_of_two_pressures_of_a_checkup_the_settled_one_stands(conn: psycopg.Connection, town: Town) -> None:
    person, source = town.person(), town.source("record")
    consent = town.consent(person)
    document = town.document(person, "2026-06-01", consent=consent, source=source)
    values = {
        "9A752000000000001": ("office_bp_sys", 138),
        "9A751000000000001": ("office_bp_sys", 144),
        "9N016160300000001": ("waist", 90),  # what the person says
        "9N016160100000001": ("waist", 86.5),  # measured
    }
    for code, (metric, value) in values.items():
        town.record(person, consent=consent, source=source, document_id=document, code=code, metric=metric, value=value)
    assert facts_of(conn, person).checkups[0].values == {"office_bp_sys": 138, "waist": 86.5}


@pytest.mark.parametrize("hidden", [{"released": False}, {"withdrawn": True}])
def test_what_the_citizen_may_not_see_feeds_no_advice(
    conn: psycopg.Connection, town: Town, hidden: dict[str, bool]
) -> None:
    person, source = town.person(), town.source("record")
    consent = town.consent(person)
    document = town.document(person, "2026-06-01", consent=consent, source=source)
    known = {"consent": consent, "source": source}
    town.record(person, **known, document_id=document, metric="hba1c", value=7.0, **hidden)
    town.record(person, **known, document_id=document, metric="ldl", value=150)
    town.record(person, **known, kind="condition", code="E11", **hidden)
    town.record(person, **known, kind="prescription", code="2149039", **hidden)
    found = facts_of(conn, person)
    assert found.checkups[0].values == {"ldl": 150}
    assert found.conditions == found.drugs == frozenset()


def test_records_stop_counting_when_their_consent_is_withdrawn(conn: psycopg.Connection, town: Town) -> None:
    person, source = town.person(), town.source("record", code="0611234567")
    consent = town.consent(person, "0611234567")
    document = town.document(person, "2026-06-01", consent=consent, source=source)
    town.record(person, consent=consent, source=source, document_id=document, metric="ldl", value=190)
    town.record(person, consent=consent, source=source, kind="condition", code="I10")
    assert facts_of(conn, person).checkups and facts_of(conn, person).conditions == {"I10"}
    conn.execute("update health.consents set withdrawn_at = now()")
    found = facts_of(conn, person)
    assert found.checkups == () and found.conditions == frozenset()


def test_conditions_are_icd10_codes_and_drugs_any_codes(conn: psycopg.Connection, town: Town) -> None:
    person, source = town.person(), town.source("record")
    known = {"consent": town.consent(person), "source": source}
    for code in ("I10", "E11.9", "JKC4", "20052819"):  # the last two: 病名交換コード and 病名管理番号
        town.record(person, **known, kind="condition", code=code)
    for code in ("2149039F1031", "2149039F1031", ""):
        town.record(person, **known, kind="prescription", code=code)
    found = facts_of(conn, person)
    assert found.conditions == {"I10", "E11.9"} and found.drugs == {"2149039F1031"}


@pytest.mark.parametrize(
    ("columns", "counts"),
    [
        ({"kind": "prescription", "at": at(TODAY - timedelta(days=365), 0)}, True),
        ({"kind": "prescription", "at": at(TODAY - timedelta(days=366), 23)}, False),
        ({"kind": "prescription", "value_text": "中止 1日1回 朝食後"}, False),
        ({"kind": "prescription", "value_text": "取り消し"}, False),
        ({"kind": "dispense", "value_text": "1日1回 朝食後"}, True),
    ],
)
def test_a_medicine_counts_for_a_year_unless_it_was_stopped(
    conn: psycopg.Connection, town: Town, columns: dict[str, object], counts: bool
) -> None:
    person, source = town.person(), town.source("record")
    town.record(person, consent=town.consent(person), source=source, code="2149039F1031", **columns)
    assert facts_of(conn, person).drugs == (frozenset({"2149039F1031"}) if counts else frozenset())


def test_a_pregnancy_of_years_ago_no_longer_counts_and_other_conditions_do(
    conn: psycopg.Connection, town: Town
) -> None:
    person, source = town.person("1990-01-01", "female"), town.source("record")
    known = {"consent": town.consent(person), "source": source, "kind": "condition"}
    for code, days in (("O24.4", 401), ("Z34.9", 399), ("I50.0", 4000)):
        town.record(person, **known, code=code, at=at(TODAY - timedelta(days=days)))
    assert facts_of(conn, person).conditions == {"Z34.9", "I50.0"}


def test_a_format_that_carries_anything_shows_no_scale_and_no_cuff_until_something_came_from_one(
    conn: psycopg.Connection, town: Town
) -> None:
    walker, weighed = town.person(), town.person()
    conn.execute("insert into health.gateways (gateway_id, password_hash) values ('gw1', '$7$')")
    for device, person in (("a", walker), ("b", weighed)):
        conn.execute(
            "insert into health.registrations (gateway_id, device, model, person_id, source_id, valid)"
            " values ('gw1', %s, 'phr_readings', %s, %s, '[2026-01-01,)')",
            (device, person, town.source()),
        )
        town.day(person, TODAY - timedelta(days=40), "steps", 5000, total=True)
    town.day(weighed, TODAY - timedelta(days=40), "weight", 60)
    town.pressures(weighed, TODAY, 120, 70, days=1)
    found = gather(conn, [walker, weighed], TODAY)
    assert found[walker].devices == {"steps"}
    assert found[weighed].devices == {"steps", "weight", "bp_sys"}


def test_devices_are_what_live_registrations_of_the_person_and_household_measure(
    conn: psycopg.Connection, town: Town
) -> None:
    mother, son = town.person(), town.person("1990-01-01")
    conn.execute("insert into health.gateways (gateway_id, password_hash) values ('gw1', '$7$')")
    conn.execute("insert into health.households default values")
    conn.execute(
        "insert into health.household_members (household_id, person_id, valid)"
        " values (1, %s, '[2026-01-01,)'), (1, %s, '[2026-01-01,2026-10-01)')",
        (mother, son),
    )
    for device, model, person, household, valid in (
        ("cuff", "gatt_blood_pressure_2a35", mother, None, "[2026-01-01,)"),
        ("scale", "xiaomi_scale_181d", None, 1, "[2026-01-01,)"),
        ("band", "pedometer_counter", mother, None, "[2026-01-01,2026-06-01)"),
    ):
        conn.execute(
            "insert into health.registrations (gateway_id, device, model, person_id, household_id, source_id, valid)"
            " values ('gw1', %s, %s, %s, %s, %s, %s)",
            (device, model, person, household, town.source(), valid),
        )
    found = gather(conn, [mother, son], TODAY)
    assert {"bp_sys", "bp_dia", "weight"} <= found[mother].devices and "steps" not in found[mother].devices
    assert found[son].devices == frozenset()


def test_a_rule_is_unwanted_for_a_year_if_the_last_answer_says_so(conn: psycopg.Connection, town: Town) -> None:
    person, other = town.person(), town.person()
    walk, salt = town.advice(person, "walk"), town.advice(person, "salt")
    town.answer(person, walk, "not_for_me")
    town.answer(person, salt, "not_for_me")
    town.answer(person, salt, "done")
    found = gather(conn, [person, other], TODAY)
    assert found[person].unwanted == {"walk"} and found[other].unwanted == frozenset()
    conn.execute("update health.feedback set at = %s", (at(TODAY - timedelta(days=366)),))
    assert facts_of(conn, person).unwanted == frozenset()


def test_many_at_once_are_the_same_as_one_by_one(conn: psycopg.Connection, town: Town) -> None:
    source = town.source("record")
    for number in range(12):
        person = town.person(f"19{40 + number}-03-04", "female" if number % 2 else "male")
        known = {"consent": town.consent(person), "source": source}
        document = town.document(person, f"2026-0{1 + number % 9}-01", **known)
        town.record(person, **known, document_id=document, metric="ldl", value=100 + number)
        town.record(person, **known, kind="condition", code=f"I1{number % 10}")
        town.pressures(person, TODAY, 120 + number, 70 + number, days=number % 5)
        town.reading(person, "glucose", at(TODAY, 6), 100 + number)
        for back in range(number):
            town.day(person, TODAY - timedelta(days=back), "steps", 5000 + 10 * number, total=True)
        town.answer(person, town.advice(person, f"rule_{number}"), "not_for_me")
    people = everyone(conn)
    together = gather(conn, people, TODAY)
    assert together == {person: facts_of(conn, person) for person in people}
    assert len({fingerprint(one) for one in together.values()}) == 12


def test_the_fingerprint_ignores_order_and_the_day_of_judging_and_nothing_else(
    conn: psycopg.Connection, town: Town
) -> None:
    person = town.person()
    town.day(person, TODAY, "weight", 61.5)
    town.day(person, TODAY, "steps", 6000, total=True)
    before = fingerprint(facts_of(conn, person))
    assert fingerprint(facts_of(conn, person, TODAY + timedelta(days=1))) == before
    conn.execute("update health.days set mean = 61.6 where metric = 'weight'")
    assert fingerprint(facts_of(conn, person)) != before
    some = Facts(
        person_id=1, today=TODAY, birth_date=TODAY, sex="male", devices=frozenset("abc"), days={"a": (), "b": ()}
    )
    same = Facts(
        person_id=1, today=TODAY, birth_date=TODAY, sex="male", devices=frozenset("cba"), days={"b": (), "a": ()}
    )
    assert fingerprint(some) == fingerprint(same)
