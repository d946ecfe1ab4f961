"""What may be kept and what may be shown: ``keep.toml``, deny by default. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from fhir_bridge import items
from fhir_bridge.elements import contained, find, type_of
from fhir_bridge.mapping.condition import ICD10
from fhir_bridge.parcel import Parcel
from fhir_bridge.row import Resource, Row

_JLAC10 = (items.CHECKUP, *items.LAB)
_EMPTY: dict[str, Any] = {
    "metric": None,
    "value": None,
    "value_text": "",
    "unit": "",
    "reference": "",
    "interpretation": "",
}
_WRONG = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as it may be kept. ``withheld``: why it is not shown, '' when it is; ``withdrawn``: it was a mistake."""

    row: Row
    withheld: str
    withdrawn: bool


@cache
def rules() -> dict[str, Any]:
    """The table ``keep.toml``."""
    return tomllib.loads((files("fhir_bridge") / "keep.toml").read_text("utf-8"))


def why_not(type_name: str) -> str:
    """Why nothing of this resource type is kept; '' when something may be."""
    if type_name in rules()["types"]:
        return ""
    return str(rules()["not_kept"].get(type_name, "no rule says what of this type may be kept"))


def is_letter(parcel: Parcel) -> bool:
    """Whether it is a document that the citizen is not shown: a letter between doctors, or of unknown type."""
    return parcel.kind not in rules()["documents"]["shown"]


def kept(row: Row, resource: Resource, parcel: Parcel) -> Kept:
    """The row with only the fields that its type may keep, and whether the citizen may see it."""
    rule = rules()["types"][type_of(resource)]
    trimmed = replace(row, **{name: empty for name, empty in _EMPTY.items() if name not in rule["keep"]})
    if "code" not in rule["keep"]:
        trimmed = replace(trimmed, code_system="", code="")
    withheld = next(_reasons(row, resource, parcel, rule["released"]), "")
    return Kept(trimmed, withheld, row.status == _WRONG or resource_is_wrong(resource))


def resource_is_wrong(resource: Resource) -> bool:
    """The facility takes the whole resource back."""
    return getattr(resource, "status", None) == _WRONG


def _reasons(row: Row, resource: Resource, parcel: Parcel, released: list[str]) -> Iterator[str]:
    if is_letter(parcel):
        yield f"document of kind {parcel.kind}"
    for part in _parts(resource, parcel):
        yield from _marks(part)
    if parcel.composition is not None:
        secret = parcel.composition.confidentiality
        if secret is not None and secret not in rules()["confidentiality"]["harmless"]:
            yield f"confidentiality {secret} of the document"
    if row.status not in released:
        yield f"status {row.status or '(none)'} is not released"
    if _closed(row):
        yield "results of this kind wait for a release agreement"


def _parts(resource: Resource, parcel: Parcel) -> Iterator[Resource]:
    """Everything a row's words may come from, and what they came in: what marks one of them marks the row."""
    medicine = find(getattr(resource, "medicationReference", None), resource, parcel.context)
    found = (resource, *contained(resource), medicine, parcel.bundle, parcel.composition)
    yield from (one for one in found if one is not None)


def _marks(resource: Resource) -> Iterator[str]:
    if getattr(resource, "modifierExtension", None) or resource.implicitRules:
        yield "it says that its meaning is changed by a rule we do not know"
    meta = resource.meta
    for tag in (meta.tag if meta is not None else None) or ():
        if tag.code not in rules()["tags"].get(tag.system or "", ()) and tag.system not in rules()["tag_systems"]:
            yield f"tag {tag.code}"
    for label in (meta.security if meta is not None else None) or ():
        if label.code not in rules()["confidentiality"]["harmless"]:
            yield f"security label {label.code}"


def _closed(row: Row) -> bool:
    closed = rules()["closed"]
    prefixes = closed["jlac10"] if row.code_system in _JLAC10 else closed["icd10"] if row.code_system == ICD10 else []
    return row.code_system in closed["systems"] or row.code.startswith(tuple(prefixes))
