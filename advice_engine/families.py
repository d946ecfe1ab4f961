"""The families of advice between which the ranker chooses. Pure; the table is ``families.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

RewardKind = Literal["steps", "weigh_days", "pressure_days", "done"]
NONE = "none"  # to push no advice this time: always among the options, never in the table
OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One family. ``prior``: how often it is followed before anybody was asked, an assumption."""

    id: str
    topics: frozenset[str]
    reward: RewardKind
    prior: float


@cache
def families() -> Mapping[str, Family]:
    """Every family by its id, in the order of the table."""
    table = tomllib.loads((files("advice_engine") / "families.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            name: Family(id=name, topics=frozenset(row["topics"]), reward=row["reward"], prior=row["prior"])
            for name, row in table.items()
        }
    )


def family_of(topic: str) -> str:
    """The family that a rule's topic belongs to; ``other`` for a topic that stands nowhere."""
    return _by_topic().get(topic, OTHER)


@cache
def _by_topic() -> Mapping[str, str]:
    return {topic: family.id for family in families().values() for topic in family.topics}
