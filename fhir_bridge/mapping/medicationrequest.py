"""MedicationRequest: what was prescribed, in the facility's own words (JP Core, JP-CLINS eCS 処方)."""

from __future__ import annotations

from fhir_bridge import medicines
from fhir_bridge.elements import moment
from fhir_bridge.row import Context, Resource, ResourceMapping, Row

_ORDERS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")
_STATUS = {"cancelled": "取り消し", "stopped": "中止", "on-hold": "休止中"}


def rows(resource: Resource, context: Context) -> tuple[Row, ...]:
    """One row a medicine. Nothing here judges a medicine: name, directions and amount are the facility's."""
    name, code = medicines.medicine(resource, context)
    supply = resource.dispenseRequest
    words = (
        _STATUS.get(resource.status, ""),
        medicines.how_to_take(resource),
        medicines.amount(supply.quantity, supply.expectedSupplyDuration) if supply else "",
    )
    row = Row(
        kind="prescription",
        at=moment(resource.authoredOn),
        title=name,
        part=medicines.part(resource, code, name),
        status=_status(resource),
        code_system=code.system,
        code=code.code,
        value_text=" ".join(filter(None, words)),
    )
    return (row,)


def _status(resource: Resource) -> str:
    # neither of these is a medicine that the person takes: no release list names them
    if resource.doNotPerform:
        return "do-not-perform"
    return str(resource.status) if resource.intent in _ORDERS else f"intent {resource.intent}"


MAPPING = ResourceMapping("MedicationRequest", rows)
