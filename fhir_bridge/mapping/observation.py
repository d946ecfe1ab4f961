"""Observation: checkup items and questionnaire answers, laboratory results, vital signs, findings.

JP Core (R4), JP-CLINS eCS LabResult, 健診結果報告書 JP_Observation_eCheckupGeneral. A component is a row of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from fhir_bridge import items, quantity
from fhir_bridge.elements import codes, has, moment, words
from fhir_bridge.row import Context, Resource, ResourceMapping, Row
from store.metrics import METRICS, Metric

_KIND_OF_CATEGORY = {"laboratory": "lab", "vital-signs": "vital", "body-measurement": "vital"}
# dataAbsentReason (HL7) and status in plain words; anything else is 結果なし
_ABSENT = {"not-performed": "未実施", "error": "測定不能", "not-a-number": "測定不能", "masked": "非開示"}


@dataclass(frozen=True, slots=True)
class _Value:
    """What an Observation says, before the item's meaning is known to fit."""

    text: str = ""
    number: Decimal | None = None  # exact, unit as written
    unit: str = ""
    answer: str = ""  # the code of a coded answer
    remark: str = ""


def rows(resource: Resource, context: Context) -> tuple[Row, ...]:
    """The Observation's own row, if it says anything, and one for each component."""
    parts = [(part, index + 1) for index, part in enumerate(resource.component or ())]
    own = () if parts and _says_nothing(resource) else ((resource, 0),)
    found = (_row(resource, part, index, context) for part, index in (*own, *parts))
    return tuple(found)


def _says_nothing(resource: Resource) -> bool:
    return next(_values(resource), None) is None and resource.dataAbsentReason is None


def _row(resource: Resource, part: Any, index: int, context: Context) -> Row:
    known = items.meaning(codes(part.code))
    metric = METRICS.get(known.metric)
    row = Row(
        kind=_kind(resource, context),
        at=moment(resource.effectiveDateTime or resource.effectiveInstant) or _start(resource.effectivePeriod),
        title=known.item.ja
        if known.item
        else metric.ja.removesuffix("(健診)")
        if metric
        else words(part.code) or "検査",
        part="|".join((known.code.system, known.code.code or words(part.code), str(index) if index else "")),
        status=resource.status,
        code_system=known.code.system,
        code=known.code.code,
        interpretation=_mark(part),
    )
    said = _said(resource, part)
    if said.answer and known.item and known.item.answers:
        return _answered(row, said, known)
    return _measured(row, said, known, part)


def _answered(row: Row, said: _Value, known: items.Meaning) -> Row:
    assert known.item is not None
    text = known.item.answers.get(said.answer)
    if text is None:
        return replace(row, value_text=said.text, remark="the answer's code is not in the item's list of answers")
    return replace(row, metric=known.metric or None, value=float(said.answer), value_text=text)


def _measured(row: Row, said: _Value, known: items.Meaning, part: Any) -> Row:
    written = replace(
        row, value_text=said.text, unit=said.unit, reference=_reference(part, None, None), remark=said.remark
    )
    metric = METRICS.get(known.metric)
    if said.number is None:
        return written
    if metric is None:
        return replace(written, remark=known.remark)
    factor = quantity.factor(said.unit, metric.ucum)
    if factor is None:
        return replace(written, remark="the unit is missing or not one that can be converted: kept as text")
    number = said.number * factor
    if not metric.low <= number <= metric.high:
        return replace(written, remark="outside the plausible range in its stated unit: kept as text")
    return replace(
        written,
        metric=metric.id,
        value=float(number),
        value_text=quantity.text(number, metric),
        unit=metric.unit_ja,
        reference=_reference(part, metric, factor),
    )


def _said(resource: Resource, part: Any) -> _Value:
    if resource.status == "cancelled":
        return _Value(text="未実施")
    if part.dataAbsentReason is not None:
        reasons = [_ABSENT[one.code] for one in codes(part.dataAbsentReason) if one.code in _ABSENT]
        return _Value(text=reasons[0] if reasons else "結果なし")
    return next(_values(part), _Value(text="結果なし"))


def _values(part: Any) -> Iterator[_Value]:
    if part.valueQuantity is not None:
        yield _of_quantity(part.valueQuantity)
    elif part.valueCodeableConcept is not None:
        found = codes(part.valueCodeableConcept)
        yield _Value(text=words(part.valueCodeableConcept), answer=found[0].code if found else "")
    elif part.valueString is not None:
        yield _Value(text=part.valueString)
    elif part.valueInteger is not None:
        yield _Value(text=str(part.valueInteger), number=Decimal(part.valueInteger))
    elif part.valueBoolean is not None:
        yield _Value(text="はい" if part.valueBoolean else "いいえ")
    else:
        yield from _others(part)


def _others(part: Any) -> Iterator[_Value]:
    if part.valueRange is not None:
        yield _Value(text=_range(part.valueRange, None, None))
    elif part.valueRatio is not None and part.valueRatio.numerator and part.valueRatio.denominator:
        yield _Value(text=f"{part.valueRatio.numerator.value}:{part.valueRatio.denominator.value}")
    elif any(getattr(part, f"value{kind}", None) is not None for kind in ("DateTime", "Time", "Period", "SampledData")):
        yield _Value(remark="a value of this type (time, period, sampled data) is not read")


def _of_quantity(value: Any) -> _Value:
    unit = value.unit or value.code or ""
    if value.value is None:
        return _Value(text="結果なし")
    if value.comparator:  # "<0.5" bounds the result; it is no number to compute with
        bound = {"<": "未満", "<=": "以下", ">": "超", ">=": "以上"}.get(value.comparator, value.comparator)
        return _Value(text=f"{quantity.text(value.value)}{bound}", unit=unit, remark="a bound, not a number")
    return _Value(text=quantity.text(value.value), number=value.value, unit=quantity.unit_of(value) or unit)


def _reference(part: Any, metric: Metric | None, factor: Decimal | None) -> str:
    ranges = [one.text or _range(one, metric, factor) for one in part.referenceRange or ()]
    return "、".join(one for one in ranges if one)


def _range(bounds: Any, metric: Metric | None, factor: Decimal | None) -> str:
    def end(one: Any) -> str:
        if one is None or one.value is None:
            return ""
        return quantity.text(one.value * (factor or 1), metric)

    return quantity.range_text(end(bounds.low), end(bounds.high))


def _mark(part: Any) -> str:
    found = [one.code for concept in part.interpretation or () for one in codes(concept)]
    return found[0] if found else ""


def _kind(resource: Resource, context: Context) -> str:
    if context.document == "checkup":
        return "checkup_item"
    kinds = (kind for code, kind in _KIND_OF_CATEGORY.items() if any(has(one, code) for one in resource.category or ()))
    return next(kinds, "observation")


def _start(period: Any) -> Any:
    return moment(period.start) if period is not None else None


MAPPING = ResourceMapping("Observation", rows)
