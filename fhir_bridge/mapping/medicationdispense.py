"""MedicationDispense: what a pharmacy handed over (JP Core)."""

from __future__ import annotations

from fhir_bridge import medicines
from fhir_bridge.elements import moment
from fhir_bridge.row import Context, Resource, ResourceMapping, Row


def rows(resource: Resource, context: Context) -> tuple[Row, ...]:
    """One row a medicine, dated by the moment it was handed over (else prepared)."""
    name, code = medicines.medicine(resource, context)
    words = (medicines.how_to_take(resource), medicines.amount(resource.quantity, resource.daysSupply))
    row = Row(
        kind="dispense",
        at=moment(resource.whenHandedOver or resource.whenPrepared),
        title=name,
        part=medicines.part(resource, code, name),
        status=resource.status,
        code_system=code.system,
        code=code.code,
        value_text=" ".join(filter(None, words)),
    )
    return (row,)


MAPPING = ResourceMapping("MedicationDispense", rows)
