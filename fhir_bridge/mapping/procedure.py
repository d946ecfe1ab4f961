"""Procedure: a treatment or operation (JP Core)."""

from __future__ import annotations

from fhir_bridge.elements import Code, codes, moment, words
from fhir_bridge.row import Context, Resource, ResourceMapping, Row


def rows(resource: Resource, context: Context) -> tuple[Row, ...]:
    """One row: what was done and where on the body."""
    code = next(iter(codes(resource.code)), Code("", "", ""))
    period = resource.performedPeriod
    site = "、".join(filter(None, map(words, resource.bodySite or ())))
    row = Row(
        kind="procedure",
        at=moment(resource.performedDateTime or (period.start if period else None)),
        title=words(resource.code) or "処置",
        part=f"{code.system}|{code.code or words(resource.code)}",
        status=resource.status,
        code_system=code.system,
        code=code.code,
        value_text="行われませんでした" if resource.status == "not-done" else site,
    )
    return (row,)


MAPPING = ResourceMapping("Procedure", rows)
