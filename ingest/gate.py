"""Who stood on the shared scale? A gate over the household's whole series of weighings. Pure.

Each member's weight is a level that wanders (``ingest.gate_track``). Walking through the series, several accounts of
who stood there when are kept side by side, each with its probability, so that two members whose weights met are not
mixed up afterwards for good. A weighing is given to a member only when the accounts agree (``gate_walk.SURE``); what
is not sure is nobody's, and the members are asked. Nobody gets a weighing because the others don't fit: a guest, and a
member of whom too little is known, stay possible with a broad density of their own.

The series is walked forward and backward, so that what was claimed later also tells about before. The answer depends
on the set of weighings alone, not on when they came. What is our choice was measured with ``phr bench gate``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest import gate_walk
from ingest.gate_series import Answer, Stay, Weighing


def decide(series: Sequence[Weighing], stays: Sequence[Stay]) -> list[Answer]:
    """One answer for each open weighing of ``series`` (ascending in time), in its order."""
    people = sorted({stay.person for stay in stays} | {one.who for one in series if one.who is not None})
    present = [_present(stays, one, people) for one in series]
    forward = _walk(series, present, people, 1)
    backward = _walk(series[::-1], present[::-1], people, -1)
    answers = []
    for before, after in zip(forward, reversed(list(backward)), strict=True):
        best = _agreed(before, after)
        answers.append(Answer(None if best.person is None else people[best.person], best.probability))
    return answers


def _walk(
    series: Sequence[Weighing], present: Sequence[Sequence[int]], people: Sequence[int], way: int
) -> Iterator[Answer]:
    """Answers for the open weighings, forward (1) or backward (-1) in time."""
    walk = gate_walk.from_nothing(len(people))
    for weighing, members in zip(series, present, strict=True):
        if weighing.who is not None:
            walk.told(way * weighing.at, weighing, people.index(weighing.who))
        elif weighing.open:
            yield walk.asked(way * weighing.at, weighing, members)


def _present(stays: Sequence[Stay], weighing: Weighing, people: Sequence[int]) -> list[int]:
    """The places of those who may have stood there."""
    at = weighing.at
    there = {s.person for s in stays if s.since <= at and (s.until is None or at < s.until)} - weighing.not_of
    return [place for place, person in enumerate(people) if person in there]


def _agreed(before: Answer, after: Answer) -> Answer:
    """What either way is sure of; where they contradict each other, nothing."""
    sure = [one for one in (before, after) if one.person is not None]
    if len({one.person for one in sure}) == 1:
        return max(sure, key=lambda one: one.probability)
    return Answer(None, min(before.probability, after.probability))
