"""Which of the advice that is new on a person's page is also pushed. Pure.

Which one piece of advice rings is the ranker's choice (``advice_engine/choosing.py``); here everything else that stands
against a push is looked at. A push says "there is something new", so one a day is enough, except for red flags and
referrals: these always go out, whatever a person wishes of messages (how often, of what, a pause). Any rule rests after
its own push (a mean that wavers about a line would otherwise ring day and night); a rule that must never rest says
``rest_days=0``. Nobody at the city office prints a letter for praise alone: it goes with the next one that asks for
something (``health.letters``). What is not pushed is still on the page and on the work list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from store import letters
from store.advice import AdviceRow


@dataclass(frozen=True, slots=True)
class Push:
    """One new advice: the channel that tells it, or (``channel`` None) why it is not pushed."""

    advice: AdviceRow
    channel: str | None
    why: str = ""

    @property
    def says(self) -> str:
        """For the decision log."""
        return self.channel or f"held: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the plan needs to know of one person. ``last``: rule -> when it was last pushed.

    ``silent``: rules that the person does not want to ring; ``hushed``: why nothing but what is grave rings at all
    (a pause, enough this week), or "".
    ``chosen``: the piece of advice that the ranker took, "" when it took none or might not choose (``unchosen`` says
    why), None where nobody chooses: then the screen's first rings.
    """

    channel: str | None
    told_today: bool
    last: Mapping[str, datetime]
    silent: frozenset[str] = frozenset()
    hushed: str = ""
    chosen: str | None = None
    unchosen: str = "not chosen"


def plan(new: Sequence[AdviceRow], known: Known, rest_days: Mapping[str, int], now: datetime) -> list[Push]:
    """What happens to each new advice of one person, in screen order."""
    planned: list[Push] = []
    told = known.told_today
    for advice in sorted(new, key=lambda row: row.rank):
        rests = resting(advice.rule_id, known.last, rest_days.get(advice.rule_id, 0), now)
        why = (
            _why_not(advice, known) or ("rest period" if rests else "") or _enough(advice, told) or _left(advice, known)
        )
        planned.append(Push(advice, None, why) if why else Push(advice, known.channel))
        told = told or not why
    return planned


def _why_not(advice: AdviceRow, known: Known) -> str:
    if advice.audience == "nurse":
        return "for the nurse"
    if known.channel is None:
        return "no channel"
    if advice.kind in ("red_flag", "referral"):
        return ""
    if advice.kind == "praise" and known.channel == letters.CHANNEL:
        return "no letter of its own"
    return known.hushed or ("not wanted to ring" if advice.rule_id in known.silent else "")


def resting(rule_id: str, last: Mapping[str, datetime], rest_days: int, now: datetime) -> bool:
    """Whether this rule was pushed so lately that it does not ring again."""
    told = last.get(rule_id)
    return told is not None and now < told + timedelta(days=rest_days)


def _left(advice: AdviceRow, known: Known) -> str:
    left = advice.kind == "advice" and known.chosen is not None and advice.rule_id != known.chosen
    return known.unchosen if left else ""


def _enough(advice: AdviceRow, told: bool) -> str:
    return "one a day" if told and advice.kind not in ("red_flag", "referral") else ""
