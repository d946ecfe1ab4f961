"""A checkup as the citizen reads it: each item against its line, and what 階層化 and メタボ判定 say of the whole.

Lines: ``checkup_lines.toml`` (標準的な健診・保健指導プログラム 令和6年度版, 2024, 別紙5). Pure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Literal

from advice_engine.facts import Checkup
from advice_engine.stratify import compare, from_checkup, stratify
from store.metrics import METRICS
from store.people import Person
from store.records import CheckupRow, RecordRow

SOURCE = "標準的な健診・保健指導プログラム(令和6年度版) 厚生労働省 2024年 別紙5"
Standing = Literal["within", "guidance", "referral"]

_LINES: dict[str, dict[str, Any]] = tomllib.loads((files("phr_api") / "checkup_lines.toml").read_text("utf-8"))
_PRESSURES = ("office_bp_sys", "office_bp_dia")
_SIDES = {"from": "以上", "below": "未満", "to": "以下"}


@dataclass(frozen=True, slots=True)
class SeenItem:
    """One item. ``standing`` None: the item has no line, or it depends on a sex that is not known."""

    title: str
    text: str  # the value as the screen shows it
    metric: str | None
    value: float | None
    unit: str
    reference: str  # the facility's own range
    standing: Standing | None
    line: str  # 保健指導 130以上・受診勧奨 140以上 (mmHg)


@dataclass(frozen=True, slots=True)
class SeenCheckup:
    """One checkup. ``level_ja`` 階層化, ``metabo_ja`` メタボ判定; ``agrees`` False: the report says otherwise."""

    document_id: int
    at: date
    facility: str
    title: str
    level_ja: str
    metabo_ja: str
    agrees: bool
    items: tuple[SeenItem, ...]
    source: str = SOURCE


def seen(row: CheckupRow, person: Person) -> SeenCheckup:
    """What this person sees of this checkup."""
    checkup = Checkup(row.at, row.facility, row.document_id, values(row.items))
    outcome = stratify(from_checkup(checkup, person.sex, person.birth_date))
    agreement = compare(outcome, checkup)
    return SeenCheckup(
        row.document_id,
        row.at,
        row.facility,
        row.title,
        outcome.level_ja,
        outcome.metabo_ja,
        False not in (agreement.level, agreement.metabo),
        tuple(_item(item, person.sex) for item in row.items),
    )


def values(items: Sequence[RecordRow]) -> dict[str, float]:
    """Metric or answer word -> number. Of several pressures その他 (the mean) counts, then the 2nd, then the 1st."""
    found: dict[str, float] = {}
    for item in sorted(items, key=lambda item: item.code):  # 9A751, 9A752, 9A755 その他; 腹囲 measured comes first
        if item.metric and item.value is not None and (item.metric in _PRESSURES or item.metric not in found):
            found[item.metric] = item.value
    return found


def _item(item: RecordRow, sex: str) -> SeenItem:
    standing, line = None, ""
    if item.metric in _LINES and item.value is not None:
        standing, line = against(item.metric, item.value, sex)
    text = item.value_text or ("" if item.value is None else f"{item.value:g}")
    return SeenItem(item.title, text, item.metric, item.value, item.unit, item.reference, standing, line)


def against(metric: str, value: float, sex: str) -> tuple[Standing | None, str]:
    """Where a value stands against its lines, and the lines in words; (None, "") when there is none for this sex."""
    row = _LINES.get(metric, {})
    guidance, referral = (_for_sex(row.get(name), sex) for name in ("guidance", "referral"))
    if guidance is None:
        return None, ""
    side = row["side"]
    words = [f"保健指導 {guidance:g}{_SIDES[side]}"]
    if referral is not None:
        words.append(f"受診勧奨 {referral:g}{_SIDES[side]}")
    line = f"{'・'.join(words)} ({METRICS[metric].unit_ja})"
    if referral is not None and _over(value, referral, side):
        return "referral", line
    return ("guidance" if _over(value, guidance, side) else "within"), line


def _for_sex(line: Any, sex: str) -> float | None:
    return line.get(sex) if isinstance(line, dict) else line


def _over(value: float, line: float, side: str) -> bool:
    return {"from": value >= line, "below": value < line, "to": value <= line}[side]
