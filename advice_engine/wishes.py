"""What a person's wishes mean for the channel, the moment and the topics of their messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

import psycopg

from advice_engine import channel
from advice_engine.families import families, family_of
from advice_engine.rule import Rule
from store import registry
from store.clock import JST
from store.message_wishes import Wishes

KINDS = ("praise", "information", "reflection")  # that can be silent besides the families of advice


def words() -> tuple[str, ...]:
    """Everything that a person can have silent."""
    return (*families(), *KINDS)


def reaching(
    conn: psycopg.Connection,
    people: Sequence[int],
    wished: Mapping[int, Wishes],
    ways: Sequence[channel.Channel] | None = None,
) -> dict[int, str]:
    """Of each person who can be told the channel that tells them: the one they wish, where it reaches them.
    ``ways``: of these channels alone."""
    found: dict[int, str] = {}
    for one in channel.channels().values() if ways is None else ways:
        asking = [person for person in people if person in wished and wished[person].channel == one.id]
        if asking:
            found |= dict.fromkeys((one.holders or one.addresses)(conn, asking), one.id)
    return found | channel.reaching(conn, [person for person in people if person not in found], ways)


def silent(wishes: Wishes, rules: Sequence[Rule]) -> frozenset[str]:
    """Ids of the rules that this person does not want to ring."""
    if not wishes.silent:
        return frozenset()
    return frozenset(rule.id for rule in rules if unwanted(wishes, rule.kind, rule.id))


def unwanted(wishes: Wishes, kind: str, rule_id: str | None) -> bool:
    """Whether a message of this kind and rule is not to ring. Red flags and referrals always are."""
    if kind == "advice":
        return _families().get(rule_id or "", "") in wishes.silent
    return kind in KINDS and kind in wishes.silent


@cache
def _families() -> Mapping[str, str]:
    found: tuple[Rule, ...] = registry.load("advice_engine.rules", "RULE")
    return {rule.id: family_of(rule.topic) for rule in found}


def between(hour: int, start: int, end: int) -> bool:
    """Whether this hour lies from ``start`` to before ``end``, also past midnight; equal is never."""
    return start <= hour < end if start <= end else hour >= start or hour < end


def next_hour(now: datetime, hour: int) -> datetime:
    """When it is this hour in Japan for the next time (24: midnight)."""
    moment = now.astimezone(JST).replace(hour=hour % 24, minute=0, second=0, microsecond=0)
    return moment if moment > now else moment + timedelta(days=1)
