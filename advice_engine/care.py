"""When a red flag or referral rests because a doctor has seen the person already. Pure.

Who said so: the person, a proxy, or the 保健師 who called. The answer takes this one message off the screen and the
work list, and nothing else: what the red flag or referral holds back stays held, and nobody counts as treated for it.

It rests until there is something new: a later checkup or a graver rule of the topic. It ends by itself, too: what
rests on a checkup after a year, a referral on one's own measurements after 90 days, a red flag on these after 14 (our
choice). What is of today (urgency 4) never rests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from advice_engine.facts import CareAnswer, Facts
from advice_engine.rule import Rule, Speech

NEVER = 4  # the urgency of what is told today, whoever has been seen
YEAR, REFERRAL_DAYS, RED_FLAG_DAYS = 365, 90, 14
WHAT = {"seen": "seen by a doctor", "treated": "under treatment"}


def newest(speech: Speech) -> str:
    """The last day among a speech's grounds, ISO; "" without any. ``Ground.at`` ends in an ISO date."""
    return max((ground.at[-10:] for ground in speech.rests_on), default="")


def rests(rule: Rule, speech: Speech, facts: Facts, rules: Mapping[str, Rule]) -> str | None:
    """Why this red flag or referral is not told again: the answer that it rests on; None when it is to be told."""
    if rule.kind not in ("red_flag", "referral") or rule.urgency >= NEVER:
        return None
    for one in facts.care:
        about = rules.get(one.rule_id)
        if about and _covers(about, rule) and _holds(rule, speech, one, facts.today):
            return f"answered on {one.on.isoformat()}: {WHAT[one.what]} ({one.by})"
    return None


def _covers(about: Rule, rule: Rule) -> bool:
    """An answer counts for its own rule, and for the milder referrals of the same topic."""
    milder = rule.topic == about.topic and rule.kind == "referral" and rule.urgency < about.urgency
    return rule.id == about.id or milder


def _holds(rule: Rule, speech: Speech, answer: CareAnswer, today: date) -> bool:
    if rule.renews:
        return newest(speech) <= answer.newest and today <= answer.on + timedelta(days=YEAR)
    return today <= answer.on + timedelta(days=REFERRAL_DAYS if rule.kind == "referral" else RED_FLAG_DAYS)
