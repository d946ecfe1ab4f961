"""All formats that the house understands, found in ``devices/models``."""

from __future__ import annotations

from datetime import tzinfo
from functools import cache

from devices.model import Model
from store.clock import JST
from store.model import NotUnderstood, Sample
from store.registry import load


@cache
def models() -> dict[str, Model]:
    """Every format by its id, in the order of ids. Do not change the dict."""
    return {model.id: model for model in load("devices.models", "MODEL")}


def decode(model_id: str, payload: bytes, zone: tzinfo = JST) -> tuple[Sample, ...]:
    """The samples of one payload; ``zone`` is the zone of the device's own clock.

    Raises NotUnderstood: ``unknown_model`` (the detail lists the ids), or what the format refuses.
    """
    model = models().get(model_id)
    if model is None:
        raise NotUnderstood("unknown_model", f"known formats: {', '.join(models())}")
    return model.decode(payload, zone)
