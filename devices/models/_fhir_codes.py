"""Which measurement a FHIR code names, and whether its sender calls it a result. Pure.

Codes: ``fhir_observation.csv`` (LOINC; IEEE 11073-10101 as 32-bit numbers); a row without a metric
is known and not kept.
"""

from __future__ import annotations

from csv import DictReader
from importlib.resources import files

from devices.models._fhir_shape import Coding, Concept, Observation
from store.model import NotUnderstood

PRESSURE, CLOCK = "bp", "clock"  # rows that are no metric: the panel, and the coincident timestamp

_SHOWN = ("http://loinc.org", "urn:iso:std:iso:11073:10101")
_CODES = {
    (row["system"], row["code"]): row["metric"]
    for row in DictReader((files("devices.models") / "fhir_observation.csv").read_text("utf-8").splitlines())
}
_FINAL = {"final", "amended", "corrected"}
_STATUSES = {"registered", "preliminary", "cancelled", "entered-in-error", "unknown"}
# http://terminology.hl7.org/CodeSystem/data-absent-reason
_ABSENT = {"unknown", "asked-unknown", "temp-unknown", "not-asked", "asked-declined", "masked", "not-applicable"}
_ABSENT |= {"unsupported", "as-text", "error", "not-a-number", "negative-infinity", "positive-infinity"}
_ABSENT |= {"not-performed", "not-permitted"}


def metrics(code: Concept) -> set[str]:
    """What the known codings name: metrics, ``PRESSURE``, ``CLOCK`` or "" (known and not kept)."""
    return {_CODES[key] for each in code.coding if (key := (each.system, each.code)) in _CODES}


def metric(code: Concept) -> str:
    """The one thing measured. Raises NotUnderstood: ``codes_disagree``, ``metric_not_kept``."""
    known = metrics(code)
    if len(known) > 1:
        raise NotUnderstood("codes_disagree", "the codes name different measurements")
    if known <= {"", CLOCK}:
        named = " ".join(each.code for each in code.coding if _is_code(each))[:100]
        raise NotUnderstood("metric_not_kept", f"code {named or 'missing'} is not among what is kept")
    return known.pop()


def check_result(said: Observation) -> None:
    """Raises NotUnderstood: ``test_data``, ``status_not_final``."""
    if any(label.code == "HTEST" for label in said.meta.security):
        raise NotUnderstood("test_data", "labelled HTEST: test data is not taken in")
    if said.status not in _FINAL:
        status = said.status if said.status in _STATUSES else "not one of FHIR's"
        raise NotUnderstood("status_not_final", f"its status is {status}")


def absent(reason: Concept) -> str:
    """Why there is no value, in FHIR's words."""
    return " ".join(each.code for each in reason.coding if each.code in _ABSENT) or "for no known reason"


def _is_code(coding: Coding) -> bool:
    """Whether it can be shown in a refusal: a LOINC or MDC number, nothing else."""
    return coding.system in _SHOWN and coding.code.replace("-", "").isdecimal() and coding.code.isascii()
