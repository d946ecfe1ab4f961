"""Any facts at all, for properties: one number gives one person (drawing every field by itself would take minutes)."""

from __future__ import annotations

from hypothesis import strategies as st

from advice_engine.facts import Facts
from advice_engine.invented_people import invent

__all__ = ["facts", "invent"]


def facts() -> st.SearchStrategy[Facts]:
    return st.integers(0, 2**48).map(invent)
