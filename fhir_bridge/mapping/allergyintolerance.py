"""AllergyIntolerance: what the person can't take (JP Core, JP-CLINS eCS アレルギー)."""

from __future__ import annotations

from typing import Any

from fhir_bridge.elements import Code, codes, has, moment, words
from fhir_bridge.row import Context, Resource, ResourceMapping, Row

_CATEGORY = {"food": "食べ物", "medication": "薬", "environment": "環境", "biologic": "生物学的製剤"}
_SEVERITY = {"mild": "軽い", "moderate": "中くらい", "severe": "重い"}


def rows(resource: Resource, context: Context) -> tuple[Row, ...]:
    """One row: the substance, its category and the reactions that were seen."""
    code = next(iter(codes(resource.code)), Code("", "", ""))
    said = (
        "、".join(_CATEGORY.get(one, one) for one in resource.category or ()),
        "今は問題なし" if has(resource.clinicalStatus, "inactive", "resolved") else "",
        "、".join(filter(None, map(_reaction, resource.reaction or ()))),
    )
    row = Row(
        kind="allergy",
        at=moment(resource.recordedDate or resource.onsetDateTime),
        title=words(resource.code) or "(物質の記載なし)",
        part=f"{code.system}|{code.code or words(resource.code)}",
        status=next((one.code for one in codes(resource.verificationStatus)), ""),
        code_system=code.system,
        code=code.code,
        value_text=" ".join(filter(None, said)),
    )
    return (row,)


def _reaction(one: Any) -> str:
    seen = "、".join(filter(None, map(words, one.manifestation or ())))
    severity = _SEVERITY.get(one.severity or "", "")
    return f"{seen}({severity})" if seen and severity else seen


MAPPING = ResourceMapping("AllergyIntolerance", rows)
