"""The OpenAPI description as rows for a page that needs no script and no network. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

_METHODS = ("get", "post", "put", "patch", "delete")
Spec = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or property."""

    name: str
    kind: str  # string date-time, array of ReadingShape, …
    required: bool
    says: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint. ``personal``: it needs somebody signed in."""

    anchor: str
    method: str
    path: str
    summary: str
    says: str
    personal: bool
    parameters: tuple[Field, ...]
    body: str
    answers: tuple[tuple[str, str], ...]  # (status, kind)


@dataclass(frozen=True, slots=True)
class Shape:
    """One named object of the description."""

    name: str
    says: str
    fields: tuple[Field, ...]


def page(spec: Spec) -> str:
    """The whole reference as HTML."""
    return _template().render(info=spec["info"], operations=operations(spec), shapes=shapes(spec))


@cache
def _template() -> Template:
    made = Environment(loader=PackageLoader("phr_api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return made.get_template("reference.html")


def operations(spec: Spec) -> tuple[Operation, ...]:
    """Every endpoint, in the order of the description."""
    return tuple(
        _operation(path, method, item[method])
        for path, item in spec["paths"].items()
        for method in _METHODS
        if method in item
    )


def shapes(spec: Spec) -> tuple[Shape, ...]:
    """Every object that endpoints take or give."""
    known = spec.get("components", {}).get("schemas", {})
    return tuple(
        Shape(name, shape.get("description", ""), tuple(_properties(shape)))
        for name, shape in known.items()
        if "properties" in shape
    )


def _operation(path: str, method: str, said: Spec) -> Operation:
    return Operation(
        anchor=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said.get("summary", ""),
        says=said.get("description", ""),
        personal="security" in said,
        parameters=tuple(_parameter(one) for one in said.get("parameters", ())),
        body=_content(said.get("requestBody", {})),
        answers=tuple((status, _content(answer)) for status, answer in said["responses"].items()),
    )


def _parameter(one: Spec) -> Field:
    return Field(one["name"], kind(one["schema"]), one.get("required", False), one.get("description", ""))


def _properties(shape: Spec) -> Iterator[Field]:
    for name, schema in shape["properties"].items():
        yield Field(name, kind(schema), name in shape.get("required", ()), schema.get("description", ""))


def _content(part: Spec) -> str:
    schemas = [kind(media["schema"]) for media in part.get("content", {}).values() if "schema" in media]
    return " / ".join(schemas)


def kind(schema: Spec) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " / ".join(kind(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " | ".join(str(one) for one in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"[{kind(schema.get('items', {}))}]"
    return " ".join(str(schema[part]) for part in ("type", "format") if part in schema) or "any"
