"""What holds for every format in `devices/models`: a newcomer's file is tried here before its author writes a test."""

import re
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices import models as folder
from devices.catalogue import models
from devices.frames import frame
from devices.model import Example, Model
from store.clock import JST
from store.metrics import METRICS
from store.model import Flag, NotUnderstood, Sample

MODELS = list(models().values())
EXAMPLES = [
    pytest.param(model, each, id=f"{model.id}-{n}") for model in MODELS for n, each in enumerate(model.examples)
]
every_model = pytest.mark.parametrize("model", MODELS, ids=[model.id for model in MODELS])


def outcome(model: Model, payload: bytes) -> tuple[Sample, ...] | str:
    """Samples or the reason of the refusal, both checked against what every format owes. Any other error fails."""
    try:
        samples = model.decode(payload, JST)
    except NotUnderstood as refusal:
        assert re.fullmatch(r"[a-z][a-z_]+", refusal.reason)
        check(model, refusal.understood)
        return refusal.reason
    assert samples
    check(model, samples)
    return samples


def check(model: Model, samples: tuple[Sample, ...]) -> None:
    for sample in samples:
        assert sample.metric in model.metrics
        assert isinstance(sample.value, float) and isfinite(sample.value)
        assert 0 <= sample.seconds <= 86_400
        assert Flag(sample.flags) in ~Flag(0)
        assert sample.at is None or isinstance(sample.at.astimezone(UTC), datetime)
    if model.id not in {"phr_readings", "open_mhealth", "fhir_observation"}:
        assert len({sample.at for sample in samples}) <= 1, "one frame is one measurement"


@every_model
def test_a_format_says_what_it_is(model: Model) -> None:
    assert model.vendor and model.name and model.source
    assert set(model.metrics) <= METRICS.keys()
    assert model.repeats_seconds >= 0
    assert model.counter_modulus == 0 or (model.counter_modulus > 255 and "steps_counter" in model.metrics)


@every_model
def test_a_format_has_examples_that_speak_and_examples_that_are_refused(model: Model) -> None:
    assert len(model.examples) >= 3
    speaks = {isinstance(example.says, tuple) for example in model.examples}
    assert speaks == ({True, False} if model.metrics else {False})
    assert model.metrics or model.examples[0].says == "nothing_is_kept", "it says that nothing of the device is kept"


def test_ids_are_unique_and_are_the_names_of_their_files() -> None:
    files = sorted(path.stem for path in Path(folder.__path__[0]).glob("[!_]*.py"))
    assert [model.id for model in MODELS] == files


@pytest.mark.parametrize(("model", "example"), EXAMPLES)
def test_an_example_gives_what_it_says(model: Model, example: Example) -> None:
    assert outcome(model, example.payload) == example.says


@every_model
def test_each_metric_of_a_format_is_within_its_plausible_range_in_the_examples(model: Model) -> None:
    for example in model.examples:
        for sample in example.says if isinstance(example.says, tuple) else ():
            assert METRICS[sample.metric].low <= sample.value <= METRICS[sample.metric].high


@every_model
@given(payload=st.binary(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_known_finite_samples_or_a_refusal(model: Model, payload: bytes) -> None:
    outcome(model, payload)


def bare(payload: bytes) -> bytes:
    """The frame inside, so that damage reaches its fields and not only its wrapping."""
    try:
        return frame(payload)
    except NotUnderstood:
        return payload


@every_model
@given(data=st.data())
@settings(max_examples=250, deadline=None)
def test_a_damaged_example_gives_known_finite_samples_or_a_refusal(model: Model, data: st.DataObject) -> None:
    payload = bytearray(bare(data.draw(st.sampled_from(model.examples)).payload))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payload)))
        payload[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    outcome(model, bytes(payload))


@every_model
def test_every_way_to_cut_an_example_short_is_survived(model: Model) -> None:
    for example in model.examples:
        for end in range(len(example.payload)):
            outcome(model, example.payload[:end])


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"[]", b"null", b'{"hex":""}', b'{"a":' * 50_000, b"\xff" * 20, b"0" * 99]
)
@every_model
def test_rubbish_is_refused(model: Model, payload: bytes) -> None:
    assert isinstance(outcome(model, payload), str)
