"""Tables of ``docs/devices.md``, written from the formats themselves: ``python -m devices.describe`` prints them."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from devices.catalogue import models
from devices.model import Model
from devices.units import HOME_UNITS
from store.metrics import METRICS


def formats_table() -> str:
    """One row a format: id, device, what it gives, what it refuses by its examples, source."""
    rows = (
        (
            f"`{model.id}`",
            f"{model.vendor}: {model.name}",
            _words(model.metrics) or "nothing",
            _refusals(model),
            model.source,
        )
        for model in models().values()
    )
    return _table(("model id", "device", "gives", "refuses, for instance", "source"), rows)


def units_table() -> str:
    """One row a metric of ``phr_readings``: our word, its name, the units it may come in, the unit it is kept in."""
    rows = (
        (f"`{metric}`", METRICS[metric].ja, _words(units), f"`{METRICS[metric].ucum}`")
        for metric, units in HOME_UNITS.items()
    )
    return _table(("`metric`", "name", "`unit` may be", "kept in"), rows)


def _refusals(model: Model) -> str:
    return _words(dict.fromkeys(example.says for example in model.examples if isinstance(example.says, str)))


def _words(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(f"{formats_table()}\n\n{units_table()}\n")
