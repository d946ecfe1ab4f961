"""A checkup for the JSON API: each item against its lines, and what 階層化 and メタボ判定 say of the whole. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from advice_engine.checkup_lines import Grade, lines_on
from advice_engine.facts import Checkup
from advice_engine.sources import checkup_of
from advice_engine.stratify import compare, stratify
from advice_engine.stratify_inputs import from_checkup
from store.people import Person
from store.records import CheckupRow, RecordRow

NO_DIAGNOSIS = "この情報は診断ではありません。"  # stands beside every automatic text (governance: SaMD boundary)


@dataclass(frozen=True, slots=True)
class ItemLines:
    """保健指導判定値 and 受診勧奨判定値 in the item's unit; ``op``: how a value stands to a line when it counts."""

    op: str
    guidance: float | None
    referral: float | None
    verified: bool


@dataclass(frozen=True, slots=True)
class SeenItem:
    """One item. ``grade`` and ``lines`` None: the programme draws no line for it."""

    title: str
    metric: str | None
    value: float | None
    value_text: str
    unit: str
    reference: str  # the facility's own range
    interpretation: str  # the facility's own mark
    grade: Grade | None
    lines: ItemLines | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Our judgement. ``agrees``: whether the report itself says the same; None where it says nothing."""

    code: int | None
    ja: str
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class SeenCheckup:
    """One checkup. ``level``: 特定保健指導の階層化; ``metabo``: メタボリックシンドローム判定."""

    document_id: int
    at: date
    facility: str
    title: str
    level: Verdict
    metabo: Verdict
    items: tuple[SeenItem, ...]
    source: str
    notice: str = NO_DIAGNOSIS


def seen(row: CheckupRow, values: Checkup | None, person: Person) -> SeenCheckup:
    """What this person sees of a checkup; ``values``: the same document as rules see it, None when it has no number."""
    checkup = values or Checkup(row.at, row.facility, row.document_id, {})
    outcome = stratify(from_checkup(checkup, person.sex, person.birth_date))
    agrees = compare(outcome, checkup)
    return SeenCheckup(
        row.document_id,
        row.at,
        row.facility,
        row.title,
        Verdict(outcome.level_code, outcome.level_ja, agrees.level),
        Verdict(outcome.metabo_code, outcome.metabo_ja, agrees.metabo),
        tuple(_item(item, person.sex, row.at) for item in row.items),
        _source(row.at),
    )


def _source(on: date) -> str:
    """The programme of the term in which the person was examined."""
    source = checkup_of(on, "別紙5")
    return f"{source.guideline} 厚生労働省 {source.year}年 {source.section}"


def _item(item: RecordRow, sex: str, on: date) -> SeenItem:
    line = lines_on(on).get(item.metric or "")
    lines = ItemLines(line.op, line.guidance(sex), line.referral(sex), line.verified) if line else None
    return SeenItem(
        item.title,
        item.metric,
        item.value,
        item.value_text,
        item.unit,
        item.reference,
        item.interpretation,
        line.grade(item.value, sex) if line and item.value is not None else None,
        lines,
    )
