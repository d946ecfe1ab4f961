"""The shapes of mapping: what a FHIR resource becomes for the screen, before anyone knows whose it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Resource = Any  # a model of fhir.resources.R4B: its attributes are the FHIR elements


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record to be. ``value`` is in the metric's canonical unit, or the code of an answer.

    ``metric`` is set only where the value may be used as that metric's; ``remark`` says why it is not.
    ``part`` tells apart what one identifier of the facility stands for (published samples give four different
    results the same one). ``status`` is the resource's own, for the release rules.
    """

    kind: str
    at: datetime | None  # None: the resource does not say; the document's day stands in
    title: str
    part: str
    status: str
    code_system: str = ""
    code: str = ""
    metric: str | None = None
    value: float | None = None
    value_text: str = ""
    unit: str = ""
    reference: str = ""
    interpretation: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a resource can't say itself: the kind of document it came in ('' alone), and its neighbours."""

    document: str = ""
    others: Mapping[str, Resource] = field(default_factory=dict)  # by fullUrl and by Type/id


@dataclass(frozen=True, slots=True)
class ResourceMapping:
    """How one resource type is read. ``rows`` is pure: rows, or ``store.model.NotUnderstood`` with the reason."""

    type: str
    rows: Callable[[Resource, Context], tuple[Row, ...]]
