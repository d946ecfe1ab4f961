"""Hostile payloads against every format, through the way that ingest takes: `phr bench fuzz` throws more of them."""

from dataclasses import replace
from datetime import tzinfo
from itertools import islice

import pytest

from devices.catalogue import models
from devices.mangle import payloads
from devices.model import Model
from ingest.decode import models as ingest_models
from phr_api.commands.bench_fuzz import attack
from store.model import Sample

MODELS = list(models().values())
every_model = pytest.mark.parametrize("model", MODELS, ids=[model.id for model in MODELS])


@every_model
def test_hostile_payloads_give_plausible_readings_or_a_refusal(model: Model) -> None:
    found = attack(model, payloads(model, 2000, seed=1))
    assert found.faults == []
    assert found.n == 2000 and len(found.reasons) > 1
    assert found.readings > 0 or not model.metrics, "nothing hostile came as far as the numbers"


@every_model
def test_the_same_seed_gives_the_same_payloads_and_another_seed_others(model: Model) -> None:
    first = list(payloads(model, 50, seed=7))
    assert first == list(payloads(model, 50, seed=7)) != list(payloads(model, 50, seed=8))
    assert max(map(len, payloads(model, 300, seed=7))) <= 65_536


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (lambda payload, zone: {}[payload], "KeyError"),
        (lambda payload, zone: (), "neither a reading nor a refusal"),
    ],
)
def test_a_format_that_breaks_is_found(broken: object, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
        return broken(payload, zone)  # type: ignore[operator, no-any-return]

    model = replace(models()["phr_readings"], decode=decode)
    monkeypatch.setitem(ingest_models(), model.id, model)
    found = attack(model, islice(payloads(models()["phr_readings"], 20), 20))
    assert len(found.faults) == 20 and found.faults[0].startswith(fault)
