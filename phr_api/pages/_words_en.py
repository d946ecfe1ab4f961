"""A card's words for who reads English. Pure.

The names of official sources, and answers as they were given, stay Japanese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from advice_engine import english
from store.advice import TOLD_FOR_OTHERS

KIND = {
    "red_flag": "Important",
    "referral": "Please see a doctor",
    "advice": "Advice",
    "praise": "Going well",
    "information": "For you to know",
}
URGENCY = {4: "Urgent", 3: "As soon as you can", 2: "Within a month"}
_HELPED = {"helpful": "Helpful", "not_for_me": "Not for me"}
_SEEN = {"under_care": "I see a doctor already", "done": "I have been to a doctor", "not_yet": "Not yet"}
ANSWERS = {
    "red_flag": _SEEN,
    "referral": _SEEN,
    "advice": {"done": "I tried it", "not_yet": "Not yet", **_HELPED},
    "praise": _HELPED,
    "information": _HELPED,
}
ANSWERED_FOR = {
    kind: {key: label for key, label in said.items() if key in TOLD_FOR_OTHERS} for kind, said in ANSWERS.items()
}
BECAUSE = {
    "own": "This comes first because you have often followed advice of this kind.",
    "town": "This comes first because people of this town often follow advice of this kind.",
}
_NAMES = english.NAMES | {
    "bp_sys": "blood pressure at home",
    "office_bp_sys": "blood pressure at the checkup",
    "pulse": "pulse",
    "temperature": "body temperature",
    "checkup": "checkup",
    "height": "height",
    "guidance_level": "health guidance level",
    "metabo": "metabolic syndrome check",
}
_JAPANESE = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground as the card shows it; ``what`` and ``value`` each with its language."""

    what: str
    what_lang: str
    value: str
    value_lang: str
    at: str


def grounds(rests_on: Sequence[Mapping[str, str]]) -> list[Ground]:
    """What the card rests on; a name that has no English word keeps its own."""
    return [_ground(one) for one in rests_on]


def _ground(one: Mapping[str, str]) -> Ground:
    what, value = _NAMES.get(one["metric"], one["what"]), one["value"].replace("歩", " steps")
    return Ground(what, _lang(what), value, _lang(value), _when(one["at"]))


def _lang(text: str) -> str:
    return "ja" if _JAPANESE.search(text) else "en"


def _when(at: str) -> str:
    """The day, or both days of a span; words stay words."""
    try:
        days = [date.fromisoformat(part) for part in at.split("/")]
    except ValueError:
        return at
    return " to ".join(english.day(day) for day in dict.fromkeys(days))
