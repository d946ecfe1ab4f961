"""Immunization: a vaccination that was given, or was not (JP Core)."""

from __future__ import annotations

from typing import Any

from fhir_bridge.elements import Code, codes, moment, words
from fhir_bridge.row import Context, Resource, ResourceMapping, Row


def rows(resource: Resource, context: Context) -> tuple[Row, ...]:
    """One row: the vaccine, the disease it is against, which dose."""
    code = next(iter(codes(resource.vaccineCode)), Code("", "", ""))
    said = ["接種していません"] if resource.status == "not-done" else map(_dose, resource.protocolApplied or ())
    row = Row(
        kind="immunization",
        at=moment(resource.occurrenceDateTime or resource.recorded),
        title=words(resource.vaccineCode) or "予防接種",
        part=f"{code.system}|{code.code or words(resource.vaccineCode)}",
        status=resource.status,
        code_system=code.system,
        code=code.code,
        value_text="、".join(filter(None, said)),
    )
    return (row,)


def _dose(one: Any) -> str:
    against = "、".join(filter(None, map(words, one.targetDisease or ())))
    number = one.doseNumberPositiveInt or one.doseNumberString
    return " ".join(filter(None, (against, f"{number}回目" if number else "")))


MAPPING = ResourceMapping("Immunization", rows)
