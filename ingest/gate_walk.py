"""One walk through a household's series of weighings, with several accounts of who stood there side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, pi, sqrt

from ingest.gate_series import Answer, Weighing
from ingest.gate_track import Track, at_time, density, learned, mixed, started

SURE = 0.95  # assigned from this probability on
GUEST_SHARE = 0.03  # of all weighings: somebody else, a child in arms, a suitcase
ENOUGH = 3  # weights that are known to be a member's before the gate gives that member any (our choice)
TOO_SIMILAR = 2.0  # kg: members this close can't be told apart by weight (our choice)
MET = 1.0  # kg: members who came this close are told apart again only after another known weight (our choice)
WIDEST_SD = 3.0  # kg: after so long a silence a prediction is no ground to assign (our choice)
INTERVAL = 3.3  # standard deviations: farther from the prediction it is never assigned (our choice)

_ACCOUNTS = 12  # kept side by side at most
_NEGLIGIBLE = 0.01  # of the likeliest account's probability
_ALIKE = 0.4  # kg: accounts whose levels agree this well become one
_MEMORY = 0.98  # how much of what is known of who uses the scale outlives each weighing
_ADULT_KG, _ADULT_SD, _ADULTS = 58.0, 12.0, 0.9  # a guest's density: Japanese adults, and anything up to 200 kg
_ANYTHING = 0.1 / 200
_LEAST = 1e-6  # an account survives even a claim that contradicts it

_Tracks = tuple[Track | None, ...]


@dataclass(slots=True)
class Walk:
    """One way through time. People are places in tuples; an account is its probability and everybody's track."""

    accounts: list[tuple[float, _Tracks]]
    known: list[int]  # weights that are known to be theirs, so far
    used: list[float]  # how much each uses the scale

    def told(self, at: float, weighing: Weighing, who: int) -> None:
        """Take in a weight that is known to be ``who``'s."""
        accounts = []
        for weight, tracks in self.accounts:
            fit, track = _with_known(tracks[who], at, weighing)
            accounts.append((weight * fit, _put(tracks, who, track)))
        total = sum(weight for weight, _ in accounts)
        self.accounts = [(weight / total, tracks) for weight, tracks in accounts]
        self.known[who] += 1

    def asked(self, at: float, weighing: Weighing, members: Sequence[int]) -> Answer:
        """Whose it is by what was seen so far; then go on with every account of whose it may have been."""
        self._doubt_who_met(at, members)
        shares, accounts = dict.fromkeys(members, 0.0), []
        for who, weight, tracks in self._may_be(at, weighing, members):
            accounts.append((weight, tracks))
            if who is not None:
                shares[who] += weight
        total = sum(weight for weight, _ in accounts)
        shares = {who: share / total for who, share in shares.items()}
        answer = self._answer(at, weighing, shares)
        self.used = [_MEMORY * one + shares.get(who, 0.0) for who, one in enumerate(self.used)]
        self.accounts = _thinned(accounts, at)
        return answer

    def _may_be(
        self, at: float, weighing: Weighing, members: Sequence[int]
    ) -> Iterator[tuple[int | None, float, _Tracks]]:
        """Whose it may be (None: a guest's), with the probability and the tracks of that account."""
        broad, uses = _broad(weighing.kg), sum(1 + self.used[who] for who in members)
        for weight, tracks in self.accounts:
            yield None, weight * GUEST_SHARE * broad, tracks
            for who in members:
                prior = weight * (1 - GUEST_SHARE) * (1 + self.used[who]) / uses
                trust, track = min(1.0, self.known[who] / ENOUGH), tracks[who]
                yield who, prior * (1 - trust) * broad, tracks
                if track is not None:
                    now = at_time(track, at)
                    after = _put(tracks, who, learned(now, weighing.kg, weighing.sd))
                    yield who, prior * trust * density(now, weighing.kg, weighing.sd), after

    def _doubt_who_met(self, at: float, members: Sequence[int]) -> None:
        """From where two weights meet, nobody can tell by weight alone who went on where."""
        seen = [(who, at_time(track, at).kg) for who in members if (track := self.accounts[0][1][who])]
        for (who, kg), (other, other_kg) in combinations(seen, 2):
            if abs(kg - other_kg) < MET:
                self.known[who], self.known[other] = (min(self.known[one], ENOUGH - 1) for one in (who, other))

    def _answer(self, at: float, weighing: Weighing, shares: dict[int, float]) -> Answer:
        who = max(shares, key=lambda one: shares[one], default=None)
        if who is None:
            return Answer(None, 0.0)
        sure = shares[who] >= SURE and self.known[who] >= ENOUGH and self._fits(at, weighing, who, set(shares))
        return Answer(who if sure else None, shares[who])

    def _fits(self, at: float, weighing: Weighing, who: int, members: set[int]) -> bool:
        """Within what was predicted for this member, and no other member is too much like them."""
        kg, variance = self._predicted(at, who)
        sd = sqrt(variance + weighing.sd**2)
        others = (self._predicted(at, one)[0] for one in members - {who} if self.known[one])
        return (
            sd <= WIDEST_SD
            and abs(weighing.kg - kg) <= INTERVAL * sd
            and all(abs(other - kg) >= TOO_SIMILAR for other in others)
        )

    def _predicted(self, at: float, who: int) -> tuple[float, float]:
        """Mean and variance over all accounts of a member of whom something is known."""
        seen = [(weight, at_time(track, at)) for weight, tracks in self.accounts if (track := tracks[who])]
        mean = sum(weight * track.kg for weight, track in seen)
        return mean, sum(weight * (track.variance + (track.kg - mean) ** 2) for weight, track in seen)


def from_nothing(people: int) -> Walk:
    """A walk about to begin, with this many people."""
    return Walk([(1.0, (None,) * people)], [0] * people, [0.0] * people)


def _with_known(track: Track | None, at: float, weighing: Weighing) -> tuple[float, Track]:
    """How well a known weight fits the track, and the track with it. What people say overrules a prediction."""
    if track is None:
        return 1.0, started(at, weighing.kg, weighing.sd)
    now = at_time(track, at)
    fit = density(now, weighing.kg, weighing.sd) + _LEAST
    if (weighing.kg - now.kg) ** 2 > INTERVAL**2 * (now.variance + weighing.sd**2):
        return fit, started(at, weighing.kg, weighing.sd)
    return fit, learned(now, weighing.kg, weighing.sd)


def _put(tracks: _Tracks, who: int, track: Track) -> _Tracks:
    return (*tracks[:who], track, *tracks[who + 1 :])


def _thinned(accounts: list[tuple[float, _Tracks]], at: float) -> list[tuple[float, _Tracks]]:
    """The likeliest accounts; those that say nearly the same are one."""
    accounts.sort(key=lambda one: -one[0])
    least = accounts[0][0] * _NEGLIGIBLE
    kept: dict[tuple[int | None, ...], tuple[float, _Tracks]] = {}
    for weight, tracks in accounts:
        if weight < least:
            break
        alike = tuple(None if track is None else round(track.kg / _ALIKE) for track in tracks)
        if alike in kept:
            kept[alike] = _one_of(*kept[alike], weight, tracks, at)
        elif len(kept) < _ACCOUNTS:
            kept[alike] = (weight, tracks)
    total = sum(weight for weight, _ in kept.values())
    return [(weight / total, tracks) for weight, tracks in kept.values()]


def _one_of(  # noqa: PLR0917 - two accounts side by side
    weight: float, tracks: _Tracks, other_weight: float, others: _Tracks, at: float
) -> tuple[float, _Tracks]:
    total = weight + other_weight
    pairs = zip(tracks, others, strict=True)
    both = (
        one if one is other or one is None or other is None
        else mixed(at_time(one, at), at_time(other, at), weight / total)
        for one, other in pairs
    )  # fmt: skip
    return total, tuple(both)


def _broad(kg: float) -> float:
    adult = exp(-(((kg - _ADULT_KG) / _ADULT_SD) ** 2) / 2) / (_ADULT_SD * sqrt(2 * pi))
    return _ADULTS * adult + _ANYTHING
