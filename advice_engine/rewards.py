"""Whether a pushed piece of advice was followed: fixed for each family before launch, never by "helpful". Pure.

What was not measured was not followed, and counts: a reward that left silence out would favour whoever measures. Likes
mislead (advice that people like to read moved no steps in HeartSteps), so they guard and do not teach.
"""

from __future__ import annotations

from advice_engine.families import OTHER, RewardKind, families
from store.choice_outcomes import Seen

MEASURING_DAYS = 4  # of the seven after


def reward(seen: Seen) -> float:
    """1.0 when it was followed, else 0.0, by the rule of its family."""
    family = families().get(seen.family, families()[OTHER])
    return float(_followed(family.reward, seen))


def _followed(kind: RewardKind, seen: Seen) -> bool:
    if kind == "steps":
        known = seen.steps_before is not None and seen.steps_after is not None
        return known and (seen.steps_after or 0.0) > (seen.steps_before or 0.0)
    if kind == "weigh_days":
        return seen.weigh_days >= MEASURING_DAYS
    if kind == "pressure_days":
        return seen.pressure_days >= MEASURING_DAYS
    return seen.done
