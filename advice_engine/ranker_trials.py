"""The ranker tried on invented people: it never leaves the admitted list, it learns, and its own log tells the truth of
policies that never decided. Pure; every number comes from the seeds given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random

import numpy as np

from advice_engine import choosing, invented_town, learning, off_policy
from advice_engine.choosing import Record
from advice_engine.facts import Facts
from advice_engine.families import NONE, families
from advice_engine.invented_town import Lived, Town
from advice_engine.judge import judge, put_first
from advice_engine.learned import ranker
from advice_engine.off_policy import Array
from advice_engine.push import Known
from advice_engine.rule import Kind, Rule, Source, Speech
from store.choices import Choice, Past

TASTES = (0.0, 0.2, 0.6, 1.0)
_NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
_NOBODY = Facts(person_id=1, today=date(2026, 11, 20), birth_date=date(1956, 2, 10), sex="male")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What must be zero, over so many states; and how many choices were among them."""

    states: int
    choices: int
    not_admitted: int
    under_red_flag: int
    not_replayed: int
    worst_sum: float  # the largest distance of the chances' sum from 1
    below_floor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Share followed in the last weeks, means over towns, by how much tastes differ."""

    taste: float
    at_random: float
    one_for_all: float
    pooled: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """Relative errors of the estimates of an untried policy against the known truth."""

    mean: float
    worst: float
    snips_mean: float
    ips_mean: float
    least_ess: float


def outside(states: int, seed: int = 1) -> Outside:
    """Random states of random rules through the judge and the ranker; what came out that may not."""
    dice = Random(seed)  # noqa: S311 - invented people, no secret
    found = {"choices": 0, "not_admitted": 0, "under_red_flag": 0, "not_replayed": 0, "below_floor": 0}
    worst = 0.0
    for _ in range(states):
        rules, past = _rules(dice), _past(dice)
        given = Record(model_id=_COLD_ID, parameters=_COLD, past={1: past}, topics=_TOPIC_OF)
        judgement = judge(_NOBODY, rules, choosing.preference(given, 1))
        known = Known(channel="log", told_today=False, last={})
        ready = choosing.candidates(judgement, past, known, _NOW)
        flagged = any(rule.kind == "red_flag" for rule in rules)
        found["under_red_flag"] += flagged and bool(judgement.admitted)
        if not ready:
            continue
        choice = choosing.choose(given, 1, ready, digest="", now=_NOW)
        shown = put_first(judgement, choice.rule_id) if choice.rule_id else judgement
        spoke = {rule.id for rule in rules if rule.kind == "advice"}
        admitted = {verdict.rule.id for verdict in ready} & spoke
        beyond = {v.rule.id for v in shown.shown} - {rule.id for rule in rules}
        found["choices"] += 1
        found["not_admitted"] += bool(beyond) or (choice.rule_id is not None and choice.rule_id not in admitted)
        found["under_red_flag"] += flagged and choice.rule_id is not None
        found["not_replayed"] += not choosing.replays(choice, _COLD)
        worst, low = max(worst, _off(choice)), _low(choice)
        found["below_floor"] += low
    return Outside(states=states, worst_sum=worst, **found)


def learnt(taste: float, towns: int, seed: int = 0) -> Learnt:
    """Half a year of the ranker, of one order for everybody, and of chance, on the same invented towns."""

    def late(policy: Callable[[Array, Array], Array]) -> float:
        return float(
            np.mean([
                invented_town.live(invented_town.invent(taste, seed + town), policy, 1000 + seed + town).late
                for town in range(towns)
            ])
        )  # fmt: skip

    return Learnt(
        taste=taste,
        at_random=late(invented_town.at_random),
        one_for_all=late(invented_town.one_for_all),
        pooled=late(invented_town.pooled),
    )


def known_truth(towns: int, seed: int = 0) -> Error:
    """The log of the ranker asked for "always the town's favourite": what it says, and what is true.

    26 weeks of 400 people are 10,400 decisions a town; tastes differ from town to town.
    """
    errors, sizes = [], []
    for town in range(towns):
        made = invented_town.invent(TASTES[town % len(TASTES)], seed + town)
        lived = invented_town.live(made, invented_town.pooled, 500 + seed + town)
        error, ess = _errors(made, lived)
        errors.append(error)
        sizes.append(ess)
    ips, snips, robust = np.mean(errors, axis=0)
    worst = float(np.max(errors, axis=0)[2])
    return Error(
        mean=float(robust), worst=worst, snips_mean=float(snips), ips_mean=float(ips), least_ess=float(min(sizes))
    )


def refuses(seed: int = 0) -> float:
    """The effective size of a log asked for a policy that it hardly ever followed. Raises TooFew, as it should."""
    town = invented_town.invent(0.6, seed, people=100, weeks=8)
    lived = invented_town.live(town, invented_town.pooled, seed)
    worst = invented_town.favourite(np.broadcast_to(-town.truth.mean(axis=0), lived.log.chances.shape), lived.admitted)
    off_policy.snips(lived.log, worst)
    return off_policy.effective(lived.log, worst)


def _errors(town: Town, lived: Lived) -> tuple[list[float], float]:
    log = lived.log
    policy = invented_town.favourite(np.broadcast_to(town.truth.mean(axis=0), log.chances.shape), lived.admitted)
    truth = float((policy * town.truth[log.person]).sum(axis=1).mean())
    robust = float(off_policy.doubly_robust(log, policy, _expected(lived, len(town.truth))).mean())
    found = [off_policy.ips(log, policy), off_policy.snips(log, policy), robust]
    return [abs(one - truth) / truth for one in found], off_policy.effective(log, policy)


def _expected(lived: Lived, people: int) -> Array:
    """The pooled means from the weeks of the other parity: no row is expected from itself."""
    log = lived.log
    odd = np.arange(len(log.taken)) // people % 2
    expected = np.zeros_like(log.chances)
    for side in (0, 1):
        use = odd != side
        place = (log.person[use], log.taken[use])
        done, tried = np.zeros((people, log.chances.shape[1])), np.zeros((people, log.chances.shape[1]))
        np.add.at(done, place, log.reward[use])
        np.add.at(tried, place, 1.0)
        expected[odd == side] = invented_town.pooled(done, tried)[log.person[odd == side]]
    return expected


def _rules(dice: Random) -> Sequence[Rule]:
    advice = dice.sample(_RULES["advice"], dice.randrange(0, 25))
    clinic = dice.sample(_RULES["referral"], dice.randrange(2))
    flags = dice.sample(_RULES["red_flag"], 1) if dice.random() < 0.2 else []
    return [*advice, *clinic, *flags, *_RULES["praise"]]


def _past(dice: Random) -> Past:
    names = [name for name in families() if dice.random() < 0.5]
    tried = {name: dice.randrange(0, 40) / 2 for name in names}
    return Past(
        counts={name: (dice.randrange(int(2 * many) + 1) / 2, many) for name, many in tried.items()},
        told=[(_NOW.date(), rule.id) for rule in dice.sample(_RULES["advice"], dice.randrange(3))],
        tired={rule.id: 2 for rule in dice.sample(_RULES["advice"], dice.choice((0, 0, 1)))},
        rung=frozenset(rule.id for rule in dice.sample(_RULES["advice"], dice.randrange(6))),
    )


def _off(choice: Choice) -> float:
    return abs(sum(float(option["chance"]) for option in choice.options) - 1)


def _low(choice: Choice) -> bool:
    """Whether an option has less than its floor, or none is no option."""
    least = ranker.floor(len(choice.options))
    none_is_there = any(option["family"] == NONE for option in choice.options)
    return not none_is_there or any(option["chance"] < least for option in choice.options)


def _rule(name: str, kind: Kind, topic: str, urgency: int) -> Rule:
    said = Speech(name, name, name, ())
    return Rule(
        id=name, title=name, kind=kind, urgency=urgency, audience="citizen", topic=topic, needs=(),
        when=lambda _: said, rest_days=7, source=Source("-", 2026, "-"), false_alarms="-",
    )  # fmt: skip


_TOPICS = sorted({topic for family in families().values() for topic in family.topics} | {"unheard of"})
_RULES: dict[Kind, list[Rule]] = {
    "advice": [_rule(f"{topic} {n}", "advice", topic, n) for topic in _TOPICS for n in range(3)],
    "referral": [_rule(f"clinic {n}", "referral", f"clinic {n}", 3) for n in range(3)],
    "praise": [_rule("well done", "praise", "praise", 0)],
    "red_flag": [_rule(f"flag {n}", "red_flag", f"flag {n}", 4) for n in range(3)],
}
_TOPIC_OF = {rule.id: rule.topic for rule in _RULES["advice"]}
_COLD = ranker.cold()
_COLD_ID = learning.digest(_COLD)
