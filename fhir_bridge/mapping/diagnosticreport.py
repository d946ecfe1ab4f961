"""DiagnosticReport: a laboratory report's results, which it carries inside (JP Core DiagnosticReport_LabResult).

Imaging, endoscopy, pathology and microbiology reports hold findings that are for a doctor to explain first.
"""

from __future__ import annotations

from dataclasses import replace

from fhir_bridge.elements import contained, has, type_of
from fhir_bridge.mapping import observation
from fhir_bridge.row import Context, Resource, ResourceMapping, Row
from store.model import NotUnderstood

_SETTLED = ("final", "amended", "corrected", "appended")
_LABORATORY = ("LP29693-6", "11502-2")  # LOINC: laboratory, laboratory report


def rows(resource: Resource, context: Context) -> tuple[Row, ...]:
    """The contained Observations' rows. Results that are only referred to come as resources of their own."""
    concepts = (*(resource.category or ()), resource.code)
    if not any(has(one, *_LABORATORY) for one in concepts):
        raise NotUnderstood("report_for_the_doctor", "only laboratory reports are read; findings wait for the doctor")
    inside = [one for one in contained(resource) if type_of(one) == "Observation"]
    if not inside:
        raise NotUnderstood("results_elsewhere", "the report carries no results: they come as resources of their own")
    found = (row for one in inside for row in observation.rows(one, context))
    # a result counts as settled only in a report that is
    return tuple(row if resource.status in _SETTLED else replace(row, status=resource.status) for row in found)


MAPPING = ResourceMapping("DiagnosticReport", rows)
