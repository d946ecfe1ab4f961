"""Condition: a diagnosis that the facility has confirmed and told (JP Core, JP-CLINS eCS 傷病名).

``status`` is the verification status: what is only suspected (疑い病名, often a claim's formality) is not released.
"""

from __future__ import annotations

from fhir_bridge.elements import Code, codes, day_words, has, moment, words
from fhir_bridge.row import Context, Resource, ResourceMapping, Row

ICD10 = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full"


def rows(resource: Resource, context: Context) -> tuple[Row, ...]:
    """One row; ICD-10 is preferred as its code because rules and release lists know it."""
    code = _code(codes(resource.code))
    onset, end = resource.onsetDateTime, resource.abatementDateTime
    said = (
        "治った・落ち着いた" if has(resource.clinicalStatus, "inactive", "remission", "resolved") else "",
        f"はじまり {day_words(onset)}" if onset else "",
        f"おわり {day_words(end)}" if end else "",
    )
    row = Row(
        kind="condition",
        at=moment(resource.recordedDate or onset),
        title=words(resource.code) or "(病名の記載なし)",
        part=f"{code.system}|{code.code or words(resource.code)}",
        status=next((one.code for one in codes(resource.verificationStatus)), ""),
        code_system=code.system,
        code=code.code,
        value_text=" ".join(filter(None, said)),
    )
    return (row,)


def _code(found: tuple[Code, ...]) -> Code:
    icd = [one for one in found if one.system == ICD10]
    return (icd or list(found) or [Code("", "", "")])[0]


MAPPING = ResourceMapping("Condition", rows)
