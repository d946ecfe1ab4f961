"""Which of several values of one metric is THE value that rules and charts see. Pure.

All values stay as records; only the chosen one carries the metric's word.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from fhir_bridge.draft import Draft

# 特定健診 (手引き, to be verified): その他 = the mean of two measurements, before the 2nd, before the 1st; the waist
# that was measured before the one that was judged or told by the person.
_PREFERRED = (
    *("9A755", "9A752", "9A751"),
    *("9A765", "9A762", "9A761"),
    *("9N0161601", "9N0161602", "9N0161603"),
)
_SEVERAL = "several values of one moment: the first that is listed counts"


def one_value_a_metric(drafts: Sequence[Draft], *, of_document: bool) -> list[Draft]:
    """Take the metric from all but one draft of each metric (of a document, or of a moment at a facility)."""
    groups: dict[Hashable, list[int]] = {}
    for index, one in enumerate(drafts):
        if one.row.metric:
            place = None if of_document else (one.at, one.facility.code)
            groups.setdefault((one.row.metric, place), []).append(index)
    lost = {index: why for group in groups.values() for index, why in _lost(drafts, group)}
    return [_without_metric(one, lost[index]) if index in lost else one for index, one in enumerate(drafts)]


def _lost(drafts: Sequence[Draft], group: Sequence[int]) -> list[tuple[int, str]]:
    order = sorted(group, key=lambda index: (not drafts[index].released, _rank(drafts[index].row.code), index))
    won = order[0]
    return [(index, _SEVERAL if _equal(drafts[index], drafts[won]) else "") for index in order[1:]]


def _equal(one: Draft, other: Draft) -> bool:
    return one.released == other.released and _rank(one.row.code) == _rank(other.row.code)


def _rank(code: str) -> int:
    found = [index for index, prefix in enumerate(_PREFERRED) if code.startswith(prefix)]
    return found[0] if found else len(_PREFERRED)


def _without_metric(one: Draft, why: str) -> Draft:
    return replace(one, row=replace(one.row, metric=None, remark=why))
