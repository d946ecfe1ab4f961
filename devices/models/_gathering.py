"""Several measurements in one message: the sound ones are handed over even when a neighbour is refused. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from store.model import NotUnderstood, Sample

Part = TypeVar("Part")
_NAMED = 5  # refused parts named one by one


def gathered(parts: Sequence[Part], read: Callable[[Part], tuple[Sample, ...]]) -> tuple[Sample, ...]:
    """What ``read`` gives of each part, in order.

    Raises NotUnderstood: ``empty`` when there is none, the part's own reason when there is one, else ``bad_parts``
    with each refused one by its place and ``understood`` as the samples of the others.
    """
    if not parts:
        raise NotUnderstood("empty", "nothing in it")
    kept: list[Sample] = []
    faults: list[str] = []
    for index, part in enumerate(parts):
        try:
            kept += read(part)
        except NotUnderstood as fault:
            if len(parts) == 1:
                raise
            faults.append(f"[{index}] {fault}")
    if not faults:
        return tuple(kept)
    more = "; …" if len(faults) > _NAMED else ""
    raise NotUnderstood(
        "bad_parts", f"{'; '.join(faults[:_NAMED])}{more} ({len(faults)} of {len(parts)} refused)", tuple(kept)
    )
