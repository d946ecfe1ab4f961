"""The shape of one learned part: how it is fitted, how it scores, and its parameters as JSON with a digest. Pure.

A learned part orders or estimates; it adds no advice. Nothing is pickled: parameters are plain JSON, and what is
loaded must have the digest under which it was approved.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from store import registry

LearnedKind = Literal["estimator", "risk", "ranker", "response"]
Parameters = Mapping[str, Any]  # JSON: numbers, words, lists and mappings of them; numbers are finite


class ChangedParameters(Exception):
    """Parameters whose digest is not the one that they were kept under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """One learned part. ``id`` is the file's name in ``advice_engine/learned``.

    ``fit(data)`` is pure and deterministic: the same data give the same parameters bit for bit; the shape of ``data``
    is the part's own (arrays by name). ``score(parameters, …)`` is plain numpy. ``inputs`` names what it looks at. A
    part whose constants are published and not fitted here returns them from ``fit`` whatever the data.
    """

    id: str
    kind: LearnedKind
    title: str
    inputs: tuple[str, ...]
    fit: Callable[[Any], Parameters]
    score: Callable[..., Any]


def every() -> tuple[Learned, ...]:
    """All learned parts, in the order of file names."""
    return registry.load("advice_engine.learned", "LEARNED")


def part(learned_id: str) -> Learned:
    """The part of this id. Raises KeyError for an unknown one."""
    found = {learned.id: learned for learned in every()}
    return found[learned_id]


def text(parameters: Parameters) -> str:
    """The one JSON text of these parameters: keys sorted, no spaces. Raises ValueError for NaN and infinity."""
    return json.dumps(parameters, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(parameters: Parameters) -> str:
    """sha256 of ``text``, as 64 hex digits."""
    return sha256(text(parameters).encode()).hexdigest()


def checked(parameters: Parameters, expected: str) -> Parameters:
    """The parameters, if they have this digest. Raises ChangedParameters."""
    if digest(parameters) != expected:
        raise ChangedParameters("these are not the parameters that were kept under this digest")
    return parameters
