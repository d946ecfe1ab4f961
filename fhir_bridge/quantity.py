"""Numbers with units: from what a facility writes to the metric's canonical unit, without rounding. Pure.

``units.csv`` lists the spellings met in Japanese records (UCUM, ``mmHg``, ``IU/L``, ``万/μL``), compared after NFKC,
in lower case, with u for μ, with the factor to a unit of the same quantity. A unit that is not in the table, or no
unit at all, converts to nothing: a number of unknown unit is text. Molar units (mmol/L) are left out on purpose: the
factor depends on the substance.
"""

from __future__ import annotations

from csv import DictReader
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from unicodedata import normalize

from store.metrics import Metric

UCUM = "http://unitsofmeasure.org"


@cache
def _units() -> dict[str, tuple[str, Decimal]]:
    text = (files("fhir_bridge") / "units.csv").read_text("utf-8").splitlines()
    return {_plain(row["written"]): (row["quantity"], Decimal(row["factor"])) for row in DictReader(text)}


def unit_of(quantity: Any) -> str:
    """The unit of a FHIR Quantity: its UCUM code, else the unit as written, else any code."""
    if quantity.code and quantity.system == UCUM:
        return str(quantity.code)
    return str(quantity.unit or quantity.code or "")


def factor(written: str, ucum: str) -> Decimal | None:
    """What to multiply a number in ``written`` with to have it in ``ucum``; None when that can't be said."""
    start, end = _units().get(_plain(written)), _units().get(_plain(ucum))
    if start is None or end is None or start[0] != end[0]:
        return None
    return start[1] / end[1]


def _plain(unit: str) -> str:
    return normalize("NFKC", unit).strip().lower().replace("μ", "u")


def text(number: Decimal, metric: Metric | None = None) -> str:
    """The number for people: as it was written, with at least the metric's usual decimals."""
    plain = format(number.normalize() if metric else number, "f")
    decimals = len(plain.partition(".")[2])
    if metric and decimals < metric.digits:
        return f"{number:.{metric.digits}f}"
    return plain


def range_text(low: str, high: str) -> str:
    """A reference range in words: 40〜150, 40以上, 150以下."""
    if low and high:
        return f"{low}〜{high}"
    return f"{low}以上" if low else f"{high}以下" if high else ""
