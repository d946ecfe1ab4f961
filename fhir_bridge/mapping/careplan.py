"""CarePlan: what the doctor wrote for the person to do (JP-CLINS 患者サマリー・療養計画書)."""

from __future__ import annotations

from fhir_bridge.elements import moment, words
from fhir_bridge.row import Context, Resource, ResourceMapping, Row


def rows(resource: Resource, context: Context) -> tuple[Row, ...]:
    """One row: the plan's words are addressed to the citizen and are shown as they are."""
    period = resource.period
    named = next((words(one) for one in resource.category or ()), "")
    row = Row(
        kind="care_plan",
        at=moment(resource.created or (period.start if period else None)),
        title=resource.title or named or "療養計画",
        part=named,
        status=resource.status if resource.intent in ("plan", "order") else f"intent {resource.intent}",
        value_text=resource.description or "",
    )
    return (row,)


MAPPING = ResourceMapping("CarePlan", rows)
