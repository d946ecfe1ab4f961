"""What an examination's code means in our words: 特定健診 items, JLAC10, LOINC, nursing terms. Pure.

Order for JLAC10: the exact 17 digits; then the first 9 (analyte + identification) within the same material, never
the first 5, which merge fasting and casual. Urine only by exact code or by a line of ``item_codes.csv``: in the
9 digits alone urine albumin is serum albumin. Outside 特定健診 the codes of triglyceride (3F015) and glucose (3D010)
with identification 0000 do not say whether the blood was drawn fasting; the table leaves them without a metric.
"""

from __future__ import annotations

from csv import DictReader
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fhir_bridge.elements import Code
from store.metrics import METRICS, CheckupItem, checkup_items

CHECKUP = "urn:oid:1.2.392.200119.6.1005"
LAB = (
    "http://medis.or.jp/CodeSystem/master-JLAC10-17digits",
    "urn:oid:1.2.392.200119.4.504",
    "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS",
)
LOINC = "http://loinc.org"
NURSING = (
    "http://medis.or.jp/CodeSystem/master-nursingObservationKeyCode",
    "urn:oid:1.2.392.200119.4.804",
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCode_CS",
)
_BLOOD = ("017", "018", "019", "020", "021", "022", "023")  # whole, arterial, capillary blood, plasma, serum
_URINE = ("001", "002", "003", "004", "005", "006")


@dataclass(frozen=True, slots=True)
class Meaning:
    """The coding that says most, and what it means to us. ``metric`` '' when nothing more is known."""

    code: Code
    metric: str = ""
    item: CheckupItem | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    metric: str
    note: str


def meaning(codes: tuple[Code, ...]) -> Meaning:
    """The most telling of the codings; an unknown coding means only itself."""
    readers = {CHECKUP: _checkup, LOINC: _loinc} | dict.fromkeys(LAB, _lab) | dict.fromkeys(NURSING, _nursing)
    found = [readers[one.system](one) for one in codes if one.system in readers]
    telling = [one for one in found if one.metric or one.item] or [one for one in found if one.remark] or found
    return telling[0] if telling else Meaning(codes[0] if codes else Code("", "", ""))


def _checkup(code: Code) -> Meaning:
    item = checkup_items().get(code.code)
    if item:
        return Meaning(code, item.metric, item)
    return Meaning(code, _by_nine().get(code.code[:9], "") if _material(code.code) == "blood" else "")


def _lab(code: Code) -> Meaning:
    material, result = _material(code.code), code.code[15:]
    line = _lines().get(("lab", code.code[:9], material, result)) or _lines().get(("lab", code.code[:9], material, ""))
    if line:
        return Meaning(code, line.metric, remark="" if line.metric else line.note)
    item = checkup_items().get(code.code)
    if item and item.kind == "PQ":
        return Meaning(code, item.metric)
    return Meaning(code, _by_nine().get(code.code[:9], "") if material == "blood" else "")


def _nursing(code: Code) -> Meaning:
    line = _lines().get(("nursing", code.code, "", ""))
    return Meaning(code, line.metric if line else "")


def _loinc(code: Code) -> Meaning:
    return Meaning(code, _by_loinc().get(code.code, ""))


def _material(code: str) -> str:
    if len(code) != 17:
        return ""
    return "blood" if code[9:12] in _BLOOD else "urine" if code[9:12] in _URINE else ""


@cache
def _lines() -> dict[tuple[str, str, str, str], _Line]:
    rows = DictReader((files("fhir_bridge") / "item_codes.csv").read_text("utf-8").splitlines())
    return {
        (row["scheme"], row["code"], row["material"], row["result"]): _Line(row["metric"], row["note"]) for row in rows
    }


@cache
def _by_nine() -> dict[str, str]:
    blood = [item for item in checkup_items().values() if item.kind == "PQ" and _material(item.code) == "blood"]
    return _one_to_one([(item.code[:9], item.metric) for item in blood if item.metric])


@cache
def _by_loinc() -> dict[str, str]:
    clinic = {item.metric for item in checkup_items().values() if item.kind == "PQ" and item.metric}
    return _one_to_one([(METRICS[word].loinc or "", word) for word in clinic])


def _one_to_one(pairs: list[tuple[str, str]]) -> dict[str, str]:
    # a code that several metrics share (triglyceride, fasting or not) says nothing certain
    words: dict[str, set[str]] = {}
    for code, word in pairs:
        words.setdefault(code, set()).add(word)
    return {code: next(iter(found)) for code, found in words.items() if code and len(found) == 1}
