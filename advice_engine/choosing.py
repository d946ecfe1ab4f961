"""Which one admitted piece of advice is pushed to whom: the ranker's part of judging, with its log.

At most one choice a person and civil day, so that a choice of "none" is not drawn again until something comes out, and
a worker that dies and begins anew chooses the same. What was rung once does not ring again; it stays on the screen
(of a rule that ``renews`` a later occasion is another piece).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import psycopg

from advice_engine import learning, rewards
from advice_engine.because import because
from advice_engine.families import NONE, families, family_of
from advice_engine.judge import Judgement, Preference, Verdict
from advice_engine.learned import ranker
from advice_engine.learning import Parameters
from advice_engine.push import Known, resting
from advice_engine.rule import Rule
from advice_engine.rules_version import rules_version
from store import choice_outcomes, choices
from store.choices import Choice, Past
from store.clock import civil_day

NEXT_DAY = timedelta(days=2)  # from one piece of advice that rings to the next: not three days in a row, then silence
A_WEEK = 3  # pushes of advice, to begin with; red flags and referrals go out besides
TIRED_TIMES = 2  # "not for me" in 60 days: the family rests


@dataclass(frozen=True, kw_only=True)
class Record:
    """What the ranker goes by when it judges these people."""

    model_id: str
    parameters: Parameters
    past: Mapping[int, Past]
    topics: Mapping[str, str]  # rule -> topic

    @cached_property
    def unknown(self) -> Mapping[str, float]:
        """The values for somebody who was never told anything: nearly everybody, at first."""
        return ranker.score(self.parameters, {})


def record(conn: psycopg.Connection, people: Sequence[int], rules: Sequence[Rule], now: datetime) -> Record:
    """The newest model and the past of these people. Raises ChangedParameters when the model is not what was kept."""
    known = choices.newest_model(conn) or _begin(conn, now)
    parameters = learning.checked(known[1], known[0])
    past = choices.past(conn, people, now, civil_day(now))
    return Record(model_id=known[0], parameters=parameters, past=past, topics={rule.id: rule.topic for rule in rules})


def preference(record: Record, person: int) -> Preference:
    """How this person's advice is ordered, what was told in the last week, what they are tired of."""
    past = record.past[person]
    tired: Counter[str] = Counter()
    for rule, times in past.tired.items():
        tired[family_of(record.topics.get(rule, ""))] += times
    return Preference(
        values=ranker.score(record.parameters, past.counts) if past.counts else record.unknown,
        first=tuple(rule for _, rule in past.told),
        muted=frozenset(family for family, times in tired.items() if times >= TIRED_TIMES),
    )


def candidates(judgement: Judgement, past: Past, known: Known, now: datetime) -> tuple[Verdict, ...]:
    """Admitted pieces of advice that may ring now, in their order."""
    return tuple(
        verdict
        for verdict in judgement.admitted
        if verdict.rule.audience != "nurse"
        and verdict.rule.id not in past.rung
        and verdict.rule.id not in known.silent
        and not resting(verdict.rule.id, known.last, verdict.rule.rest_days, now)
    )


def why_not(judgement: Judgement, past: Past, known: Known, now: datetime) -> str:
    """Why no advice is chosen for this person at this moment; "" when one may be."""
    grave = {
        v.rule.id for v in judgement.shown if v.rule.kind in ("red_flag", "referral") and v.rule.audience != "nurse"
    }
    if known.channel is None:
        return "no channel"
    if known.hushed:
        return known.hushed
    if known.told_today or grave - past.open:
        return "one a day"
    if past.chose_on == civil_day(now):
        return "one choice a day"
    if past.told and civil_day(now) < past.told[0][0] + NEXT_DAY:
        return "one every two days"
    return "three a week" if len(past.told) >= A_WEEK else ""


def choose(record: Record, person: int, ready: Sequence[Verdict], *, digest: str, now: datetime) -> Choice:
    """Draw one of these pieces of advice or none. ``ready`` comes from ``candidates``; nothing else can come out."""
    by_family: dict[str, str] = {}
    for verdict in ready:
        by_family.setdefault(family_of(verdict.rule.topic), verdict.rule.id)
    names = [NONE, *sorted(by_family)]
    day, counts = civil_day(now), record.past[person].counts
    snapshot = {family: list(pair) for family, pair in sorted(counts.items())}
    seed = f"{person}:{day.isoformat()}"
    worth = values(record.parameters, snapshot, names)
    drawn = ranker.draw(worth, seed)
    family = names[drawn.index]
    return Choice(
        person_id=person, day=day, at=now, model_id=record.model_id, rules_version=rules_version(), facts_hash=digest,
        snapshot=snapshot, snapshot_hash=learning.digest(snapshot), seed=seed, uniform=drawn.uniform,
        options=[
            {"family": name, "rule": by_family.get(name), "chance": chance}
            for name, chance in zip(names, drawn.probabilities, strict=True)
        ],
        family=family, rule_id=by_family.get(family), advice_id=None,
        because=because(record.parameters, counts, dict(zip(names, worth, strict=True)), family),
    )  # fmt: skip


def values(parameters: Parameters, snapshot: Mapping[str, Sequence[float]], names: Sequence[str]) -> list[float]:
    """What each option is worth to this person, from the snapshot alone."""
    scores = ranker.score(parameters, {family: (pair[0], pair[1]) for family, pair in snapshot.items()})
    return [float(parameters["worth_of_none"]) if name == NONE else scores.get(name, 0.0) for name in names]


def replays(choice: Choice, parameters: Parameters) -> bool:
    """Whether this logged choice comes out again: the same option, the same chances, bit for bit."""
    names = [option["family"] for option in choice.options]
    if not names:
        return False
    drawn = ranker.draw(values(parameters, choice.snapshot, names), choice.seed)
    return (
        learning.digest(parameters) == choice.model_id
        and learning.digest(choice.snapshot) == choice.snapshot_hash
        and names[drawn.index] == choice.family
        and drawn.uniform == choice.uniform
        and list(drawn.probabilities) == [option["chance"] for option in choice.options]
    )


def learn(conn: psycopg.Connection, now: datetime) -> int:
    """Note what became of choices, count rewards, and learn the town's rates anew; returns how many were rewarded."""
    choice_outcomes.note(conn, now)
    given = choice_outcomes.reward(
        conn, ((seen, rewards.reward(seen)) for seen in choice_outcomes.ripe(conn, now)), now
    )
    known = list(choices.counts(conn, now).values())
    pairs = [[one.get(family, (0.0, 0.0)) for family in families()] for one in known]
    done, tried = ([[pair[side] for pair in row] for row in pairs] for side in (0, 1))
    tries = int(sum(map(sum, tried)))
    if tries:
        parameters = ranker.fit({"families": list(families()), "done": done, "tried": tried})
        choices.keep_model(conn, learning.digest(parameters), parameters, tries=tries, now=now)
    return given


def _begin(conn: psycopg.Connection, now: datetime) -> tuple[str, Parameters]:
    parameters = ranker.cold()
    choices.keep_model(conn, learning.digest(parameters), parameters, tries=0, now=now)
    return learning.digest(parameters), parameters
