"""From bytes to FHIR R4 resources (fhir.resources, its R4B models), each judged on its own. Pure.

A broken entry of a bundle is named and does not take the others down; a file that is no FHIR JSON at all is
``NotUnderstood``. No message repeats what stood in the file: only where it stood and what kind of fault it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B.resource import Resource as AnyResource
from pydantic import ValidationError

from fhir_bridge.row import Resource
from store.model import NotUnderstood

MOST_BYTES = 20_000_000  # a whole checkup report has 90 kB; a referral letter with a scan a few MB
MOST_ENTRIES = 5_000  # a checkup report has about 100; the work grows with their square
DEEPEST = 60  # FHIR allows any depth; published Japanese records stay under 20
_OTHER_FORMATS = (
    (b"PK\x03\x04", "zip_not_read", "unpack the archive and hand in the FHIR JSON files"),
    (b"<", "xml_not_read", "FHIR JSON is read; FHIR XML and CDA (hc08) are not"),
    (b"MSH|", "hl7v2_not_read", "FHIR JSON is read; HL7 v2 messages are not"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource of a file. ``url`` is how others refer to it: the entry's fullUrl, or Type/id."""

    url: str
    resource: Resource


@dataclass(frozen=True, slots=True)
class Broken:
    """One entry that is no valid resource: its place and type, why, and the entry itself as JSON bytes."""

    what: str
    why: str
    raw: bytes

    @property
    def type(self) -> str:
        """The resource type it gives itself, or 'resource'."""
        return self.what.rpartition(" ")[2]


@dataclass(frozen=True, slots=True)
class File:
    """A file read: the Bundle without its entries, or None for a resource on its own."""

    bundle: Resource | None
    entries: tuple[Entry, ...]
    broken: tuple[Broken, ...]


def read(raw: bytes) -> File:
    """Read one file. Raises NotUnderstood with a reason slug when it is no FHIR JSON resource."""
    body = _json(raw)
    kind = body.get("resourceType")
    if not isinstance(kind, str):
        raise NotUnderstood("not_fhir", "no resourceType at the top of the file")
    if kind != "Bundle":
        return File(None, (Entry(_name(body), _model(body)),), ())
    inside = body.pop("entry", [])
    bundle = _model(body)
    if not isinstance(inside, list):
        raise NotUnderstood("invalid_resource", "Bundle.entry is no list")
    if len(inside) > MOST_ENTRIES:
        raise NotUnderstood("too_many", f"at most {MOST_ENTRIES:,} entries a file")
    read_entries = [_entry(index, one) for index, one in enumerate(inside)]
    entries = tuple(one for one in read_entries if isinstance(one, Entry))
    broken = tuple(one for one in read_entries if isinstance(one, Broken))
    return File(bundle, entries, broken)


def _entry(index: int, entry: Any) -> Entry | Broken:
    body = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(body, dict):
        return Broken(f"entry {index}", "no_resource: the entry holds no resource", _bytes(entry))
    kind = body.get("resourceType")
    url = entry.get("fullUrl")
    try:
        return Entry(url if isinstance(url, str) else _name(body), _model(body))
    except NotUnderstood as fault:
        named = kind if isinstance(kind, str) and kind.isalpha() else "resource"
        return Broken(f"entry {index} {named}", str(fault), _bytes(body))


def _json(raw: bytes) -> dict[str, Any]:
    start = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    _refuse_other_formats(raw, start)
    try:
        body = json.loads(start.decode("utf-8"), parse_float=_number, parse_int=_whole, parse_constant=_number)
    except UnicodeDecodeError:
        raise NotUnderstood("not_utf8", "FHIR JSON is UTF-8") from None
    except json.JSONDecodeError as fault:
        raise NotUnderstood("not_json", f"line {fault.lineno}, column {fault.colno}") from None
    except (RecursionError, ValueError, ArithmeticError):
        raise NotUnderstood("not_json", "nested too deep, or a number that can't be one") from None
    if not isinstance(body, dict):
        raise NotUnderstood("not_fhir", "a FHIR resource is a JSON object")
    if _too_deep(body):
        raise NotUnderstood("too_deep", f"nested deeper than {DEEPEST} levels")
    return body


def _refuse_other_formats(raw: bytes, start: bytes) -> None:
    if len(raw) > MOST_BYTES:
        raise NotUnderstood("too_large", f"at most {MOST_BYTES // 1_000_000} MB a file")
    if not start:
        raise NotUnderstood("empty", "the file is empty")
    for magic, reason, detail in _OTHER_FORMATS:
        if start.startswith(magic):
            raise NotUnderstood(reason, detail)


def _number(text: str) -> Decimal:
    # exact, as the facility wrote it (7.0 stays 7.0); NaN, Infinity and 1e9999 are no measurements
    if len(text) > 40 or not text.strip("+-")[:1].isdigit() or abs(Decimal(text).adjusted()) > 40:
        raise ValueError
    return Decimal(text)


def _whole(text: str) -> int:
    if len(text) > 40:
        raise ValueError
    return int(text)


def _too_deep(body: Any) -> bool:
    level = [body]
    for _ in range(DEEPEST):
        level = [child for one in level for child in _children(one)]
        if not level:
            return False
    return True


def _children(one: Any) -> Iterator[Any]:
    inside = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return (child for child in inside if isinstance(child, dict | list))


def _model(body: dict[str, Any]) -> Resource:
    kind = body.get("resourceType")
    if not all(map(_can_be_kept, _texts(body))):
        raise NotUnderstood("invalid_resource", "a text holds NUL or half a character")
    try:
        model = get_fhir_model_class(kind)
    except (ValueError, TypeError, AttributeError, LookupError):
        raise NotUnderstood("unknown_type", "resourceType names no FHIR R4 resource") from None
    if not issubclass(model, AnyResource) or kind in ("Resource", "DomainResource"):
        raise NotUnderstood("unknown_type", "resourceType names no FHIR R4 resource")
    try:
        return model.model_validate(body)
    except ValidationError as fault:
        raise NotUnderstood("invalid_resource", _places(fault)) from None
    except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as fault:
        raise NotUnderstood("invalid_resource", f"can't be read ({type(fault).__name__})") from None


def _texts(one: Any) -> Iterator[str]:
    if isinstance(one, str):
        yield one
    inside = (*one, *one.values()) if isinstance(one, dict) else one if isinstance(one, list) else ()
    for child in inside:
        yield from _texts(child)


def _can_be_kept(text: str) -> bool:
    # PostgreSQL holds neither, and FHIR forbids both
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _places(fault: ValidationError) -> str:
    # pydantic's own message repeats the value: only the path (of FHIR's element names) and the fault's type are told
    found = fault.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(f"{_path(one['loc'], one['type'])}: {one['type']}" for one in found[:3])


def _path(place: tuple[int | str, ...], fault: str) -> str:
    # an element that FHIR does not know may be named anything
    steps = [*place[:-1], "?"] if fault == "extra_forbidden" else place
    return ".".join(map(str, steps)) or "(top)"


def _name(body: dict[str, Any]) -> str:
    return f"{body.get('resourceType')}/{body.get('id') or ''}"


def _bytes(entry: Any) -> bytes:
    # half a character becomes the escape that it came as
    return json.dumps(entry, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
