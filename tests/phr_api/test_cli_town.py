"""The invented town: the same seed gives the same people, and what they measure is plausible."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from fhir.resources.R4B.bundle import Bundle

from advice_engine.facts import Checkup
from advice_engine.stratify import from_checkup, stratify
from devices import catalogue
from phr_api import town, town_checkup, town_devices, town_history, town_live
from phr_api.town_resident import Resident
from store.clock import age_on, civil_day
from store.metrics import METRICS
from store.model import Sample

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)  # 12:30 in Japan


@pytest.fixture(scope="module")
def people() -> tuple[Resident, ...]:
    return town.residents(TODAY)


@pytest.fixture(scope="module")
def lives(people: tuple[Resident, ...]) -> dict[int, list[tuple[str, Sample]]]:
    return {person.number: list(town_history.history(person, NOW, town.SEED)) for person in people}


def test_sixty_people_live_in_twenty_five_households(people: tuple[Resident, ...]) -> None:
    assert len(people) == 60
    assert len({person.household for person in people}) == 25
    assert len({person.name for person in people}) == 60
    assert len({person.identifier for person in people}) == 60


def test_the_same_seed_gives_the_same_town_and_another_seed_another(people: tuple[Resident, ...]) -> None:
    assert town.residents(TODAY) == people
    assert town.residents(TODAY, seed=1)[8:] != people[8:]


def test_a_small_town_keeps_the_personas(people: tuple[Resident, ...]) -> None:
    assert town.residents(TODAY, 6) == people[:6]
    assert len(town.residents(TODAY, 9)) == 9


def test_ages_go_from_twenty_to_ninety_and_many_are_old(people: tuple[Resident, ...]) -> None:
    ages = [age_on(person.birth_date, TODAY) for person in people]
    assert 20 <= min(ages) <= max(ages) <= 90
    assert sum(age >= 65 for age in ages) >= 24


def test_every_persona_has_a_story_and_comes_first(people: tuple[Resident, ...]) -> None:
    assert [person.name for person in people if person.story] == list(town.stories())
    assert all(person.story for person in people[:8])
    assert not any(person.story for person in people[8:])


def test_a_persona_is_as_old_as_the_story_says_on_every_day_of_the_year() -> None:
    for day in (date(2027, 1, 1), date(2027, 2, 5), date(2027, 12, 31)):
        assert age_on(town.residents(day, 1)[0].birth_date, day) == 45


def test_somebody_is_the_patient_of_the_standards_bodys_sample(people: tuple[Resident, ...]) -> None:
    found = [one for one in people if one.identifier == ("urn:oid:1.2.392.200119.6.102.11311234567", "34567")]
    assert [(one.sex, one.birth_date) for one in found] == [("male", date(1950, 5, 4))]


def test_neighbouring_towns_have_a_few_people(people: tuple[Resident, ...]) -> None:
    towns = Counter(person.town for person in people)
    assert set(towns) == {"062049", "064611", "064289", "064262"}
    assert towns["062049"] > 40


def test_every_device_speaks_a_known_format_and_a_shared_scale_is_the_households(
    people: tuple[Resident, ...],
) -> None:
    devices = town_devices.devices(people)
    assert len({device.topic for device in devices}) == len(devices)
    assert {device.model for device in devices} <= set(catalogue.models())
    shared = [device for device in devices if device.kind == "shared_scale"]
    assert len(shared) == 3
    assert all(device.resident is None for device in shared)


def test_ninety_days_are_plausible_and_end_now(lives: dict[int, list[tuple[str, Sample]]]) -> None:
    samples = [sample for life in lives.values() for _, sample in life]
    for sample in samples:
        metric = METRICS[sample.metric]
        assert metric.low <= sample.value <= metric.high
        assert sample.at is not None
        assert sample.at + timedelta(seconds=sample.seconds) <= NOW
    assert {civil_day(sample.at) for sample in samples if sample.at} >= {TODAY, TODAY - timedelta(days=90)}


def test_a_pedometers_counter_grows_within_a_day_and_starts_again_at_midnight(
    lives: dict[int, list[tuple[str, Sample]]],
) -> None:
    counts = [sample for kind, sample in lives[1] if kind == "pedometer" and sample.at]
    for before, after in pairwise(counts):
        assert before.at is not None and after.at is not None
        same_day = civil_day(before.at) == civil_day(after.at)
        assert (after.value >= before.value) if same_day else (after.value < before.value)


def test_the_losing_persona_loses_and_the_pressure_persona_is_high(
    lives: dict[int, list[tuple[str, Sample]]],
) -> None:
    weights = [sample.value for _, sample in lives[3] if sample.metric == "weight"]
    assert np.mean(weights[:7]) - np.mean(weights[-7:]) > 2
    assert 145 < np.mean([sample.value for _, sample in lives[1] if sample.metric == "bp_sys"]) < 156


def test_all_levels_of_guidance_occur(people: tuple[Resident, ...]) -> None:
    levels = Counter(
        stratify(
            from_checkup(Checkup(TODAY, "", 0, town_checkup.values_of(person)), person.sex, person.birth_date)
        ).level_code
        for person in people
        if person.labs
    )
    assert {1, 2, 3} <= set(levels)


def test_a_checkup_document_is_valid_fhir_and_the_same_twice(people: tuple[Resident, ...]) -> None:
    person = people[0]
    values = town_checkup.values_of(person)
    document = town_checkup.report(person, TODAY, values)
    assert document == town_checkup.report(person, TODAY, values)
    bundle = Bundle.model_validate_json(json.dumps(document))
    kinds = Counter(type(entry.resource).__name__ for entry in bundle.entry)
    assert kinds["Observation"] == len(values)
    assert len({entry["fullUrl"] for entry in document["entry"]}) == len(document["entry"])
    references = {
        one["reference"] for section in document["entry"][0]["resource"]["section"] for one in section["entry"]
    }
    assert references <= {entry["fullUrl"] for entry in document["entry"]}


def test_who_does_not_drink_gives_no_amount(people: tuple[Resident, ...]) -> None:
    sober = next(person for person in people if person.answers.get("q_drink_frequency", 8) >= 7)
    assert "q_drink_amount" not in town_checkup.values_of(sober)


def test_what_the_live_town_says_is_understood_by_its_formats(people: tuple[Resident, ...]) -> None:
    models = {device.topic: device.model for device in town_devices.devices(people)}
    street = town_live.Street(people, np.random.default_rng(7), town_live.counters(people, NOW, town.SEED))
    metrics = set()
    for turn in range(400):
        for message in street.next(NOW + timedelta(minutes=turn)):
            assert message.topic.startswith(f"phr/v1/{message.gateway}/")
            metrics |= {sample.metric for sample in catalogue.decode(models[message.topic], message.payload)}
    assert metrics >= {"weight", "bp_sys", "bp_dia", "pulse", "spo2", "steps_counter"}


def test_a_gateway_that_was_offline_sends_everything_it_kept(people: tuple[Resident, ...]) -> None:
    street = town_live.Street(people[:1], np.random.default_rng(3))
    bursts = [len(street.next(NOW + timedelta(minutes=turn))) for turn in range(600)]
    assert 0 in bursts
    assert max(bursts) >= 6
    kept = sum(len(messages) for messages in street.kept.values())
    assert kept < 9


def test_a_live_counter_goes_on_where_the_history_ended_and_resets_at_midnight(people: tuple[Resident, ...]) -> None:
    person = people[0]
    counter = town_live.counters(people[:1], NOW, town.SEED)["pedometer-01"]
    morning = counter.steps
    assert morning > 100
    assert counter.walk(person, NOW + timedelta(hours=1), 1.0) > morning
    assert counter.walk(person, NOW + timedelta(hours=12), 1.0) < morning


def test_a_device_measures_once_in_a_few_seconds_however_fast_the_town_lives(people: tuple[Resident, ...]) -> None:
    street = town_live.Street(people[:1], np.random.default_rng(5))
    said = [message.topic for turn in range(300) for message in street.next(NOW + timedelta(milliseconds=10 * turn))]
    assert len(set(said)) == 3
    assert len(said) <= 5  # the scale says its one weighing three times
