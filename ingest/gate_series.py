"""What the gate of a shared scale is asked and what it answers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.gate_track import READING_SD


@dataclass(frozen=True, slots=True)
class Weighing:
    """One weight in the series of a household, at ``at`` days (from any day zero).

    ``who``: the member whose it is known to be (claimed, or from elsewhere: an own scale, typed in, a checkup).
    ``nobodys``: a member said that it is none of theirs. Neither: open. ``not_of``: members who said it is not theirs.
    """

    at: float
    kg: float
    who: int | None = None
    nobodys: bool = False
    not_of: frozenset[int] = frozenset()
    sd: float = READING_SD

    @property
    def open(self) -> bool:
        """Whether the gate is asked."""
        return self.who is None and not self.nobodys


@dataclass(frozen=True, slots=True)
class Stay:
    """A member's time in the household, in days as ``Weighing.at``; ``until`` is exclusive, None open."""

    person: int
    since: float
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Whose an open weighing is, None when that is not sure; the probability is that of the likeliest member."""

    person: int | None
    probability: float
