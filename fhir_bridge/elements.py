"""Reads the FHIR elements that all resources share: codings, texts, moments, references. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fhir_bridge.row import Context, Resource
from store.clock import JST, day_start
from store.model import NotUnderstood


@dataclass(frozen=True, slots=True)
class Code:
    system: str
    code: str
    display: str


def codes(concept: Any) -> tuple[Code, ...]:
    """The codings of a CodeableConcept that have a code; none for None."""
    found = (getattr(concept, "coding", None) or ()) if concept is not None else ()
    return tuple(Code(one.system or "", one.code, one.display or "") for one in found if one.code)


def has(concept: Any, *wanted: str) -> bool:
    """Whether any coding has one of these codes, whatever its system (for FHIR's own required codes)."""
    return any(one.code in wanted for one in codes(concept))


def words(concept: Any) -> str:
    """What people read: the text, else the first display, else the first code."""
    if concept is None:
        return ""
    found = codes(concept)
    shown = next((one.display for one in found if one.display), "")
    return concept.text or shown or (found[0].code if found else "")


def moment(value: Any) -> datetime | None:
    """A FHIR date, dateTime or instant as an aware moment; a bare day or a partial date is its first moment in Japan.

    ``2018`` and ``2018-05`` arrive as text: FHIR allows them and no Python date does. Raises NotUnderstood for a year
    that no record of a living person can bear: neither Python nor PostgreSQL holds all of them in every zone.
    """
    at = _moment(value)
    if at is not None and not 1900 <= at.year <= 2200:
        raise NotUnderstood("odd_date", "a date outside the years 1900 to 2200")
    return at


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=JST)
    if isinstance(value, date):
        return day_start(value)
    if isinstance(value, str):
        year, _, month = value.partition("-")
        return day_start(date(int(year), int(month or 1), 1))
    return None


def day_words(value: Any) -> str:
    """A FHIR date in Japanese, as exact as it was said: 2018年, 2018年5月, 2018年5月3日."""
    if isinstance(value, str):
        year, _, month = value.partition("-")
        return f"{int(year)}年{int(month)}月" if month else f"{int(year)}年"
    at = moment(value)
    if at is None:
        return ""
    day = at.astimezone(JST)
    return f"{day.year}年{day.month}月{day.day}日"


def find(reference: Any, resource: Resource, context: Context) -> Resource | None:
    """The resource a Reference points to: contained (``#id``) or a neighbour in the same file."""
    to = getattr(reference, "reference", None) or ""
    if to.startswith("#"):
        return next((one for one in contained(resource) if one.id == to[1:]), None)
    return context.others.get(to)


def contained(resource: Resource) -> Iterator[Resource]:
    """The resources inside a resource."""
    yield from getattr(resource, "contained", None) or ()


def extension(element: Any, url: str) -> Any:
    """The extension of this URL, or None."""
    found = getattr(element, "extension", None) or ()
    return next((one for one in found if one.url == url), None)


def type_of(resource: Resource) -> str:
    """The resource type's name."""
    return str(resource.get_resource_type())
