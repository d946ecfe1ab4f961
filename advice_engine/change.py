"""How a checkup value moved since the one before, and whether that is more than noise. Pure; ``change_lines.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from math import sqrt

from advice_engine import english
from advice_engine.checkup_values import value
from advice_engine.facts import Facts
from advice_engine.history import Found, checkups
from advice_engine.words import day

_NOISE = tomllib.loads((files("advice_engine") / "change_lines.toml").read_text("utf-8"))
REAL = 1.96 * sqrt(2)  # the reference change value: 95 % of differences without any cause are smaller
SOONEST, LATEST = 180, 800  # days between the two checkups: one or two years' round


@dataclass(frozen=True, slots=True)
class Move:
    """From the checkup before to the newest one."""

    before: Found
    now: Found

    @property
    def up(self) -> bool:
        return self.now.value > self.before.value

    @property
    def words(self) -> str:
        to = "上がって" if self.up else "下がって"
        return f"前回({day(self.before.on)})の{value(self.now.metric, self.before.value)}から{to}います。"

    @property
    def english(self) -> str:
        to = "up" if self.up else "down"
        was = english.amount(self.now.metric, self.before.value)
        return f"It went {to} from {was} on {english.day(self.before.on)}. "


def noise(metric: str, at: float) -> float | None:
    """The smallest change that counts as real round a value, in the metric's unit; None where we know no noise."""
    if metric in _NOISE["sd"]:
        return float(REAL * _NOISE["sd"][metric])
    return REAL * _NOISE["cv"][metric] / 100 * at if metric in _NOISE["cv"] else None


def moved(facts: Facts, found: Found) -> Move | None:
    """The real move that led to ``found``, or None: no earlier value, too near or too old, or within the noise."""
    earlier = (
        Found(found.metric, one.values[found.metric], one.examined_on)
        for one in checkups(facts)
        if found.metric in one.values and SOONEST <= (found.on - one.examined_on).days <= LATEST
    )
    before = next(earlier, None)
    line = noise(found.metric, (found.value + before.value) / 2) if before else None
    real = before is not None and line is not None and abs(found.value - before.value) > line
    return Move(before, found) if real and before else None


def most_moved(facts: Facts, found: Iterable[Found]) -> Move | None:
    """Of several values of one checkup the move that is farthest beyond its noise."""
    moves = [move for one in found if (move := moved(facts, one))]
    return max(moves, key=lambda move: (_times(move), move.now.metric), default=None)


def _times(move: Move) -> float:
    return abs(move.now.value - move.before.value) / (noise(move.now.metric, move.now.value) or 1)


def told(facts: Facts, found: Iterable[Found]) -> tuple[str, str]:
    """The sentence on the farthest move, in Japanese and English; both empty where nothing really moved."""
    move = most_moved(facts, found)
    return (move.words, move.english) if move else ("", "")
