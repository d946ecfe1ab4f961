from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from advice_engine.push import Known, plan
from store.advice import AdviceRow

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
WALK = AdviceRow(
    advice_id=1,
    person_id=1,
    rule_id="walk",
    kind="advice",
    urgency=1,
    audience="both",
    title="見出し",
    body="本文",
    reason="理由",
    rests_on=[],
    source={},
    rank=5,
    judged_at=NOW,
    created_at=NOW,
    closed_at=None,
)
SALT = replace(WALK, advice_id=2, rule_id="salt", rank=6)
FLAG = replace(WALK, advice_id=3, rule_id="flag", kind="red_flag", urgency=4, rank=0)
REFERRAL = replace(WALK, advice_id=4, rule_id="see_a_doctor", kind="referral", urgency=3, rank=1)
FRESH = Known(channel="web_push", told_today=False, last={})
REST = {"walk": 7, "salt": 7, "flag": 1, "see_a_doctor": 30}


def says(new: list[AdviceRow], known: Known = FRESH, now: datetime = NOW) -> dict[str, str]:
    return {push.advice.rule_id: push.says for push in plan(new, known, REST, now)}


def test_of_ordinary_advice_the_first_on_the_screen_is_pushed_once_a_day() -> None:
    assert says([SALT, WALK]) == {"walk": "web_push", "salt": "held: one a day"}


def test_praise_is_no_letter_of_its_own() -> None:
    praise, by_letter = replace(WALK, rule_id="well_done", kind="praise"), replace(FRESH, channel="letter")
    assert says([praise], by_letter) == {"well_done": "held: no letter of its own"}
    assert says([praise]) == {"well_done": "web_push"} and says([FLAG, praise], by_letter)["flag"] == "letter"


def test_red_flags_and_referrals_go_out_even_when_one_was_told_today() -> None:
    told = replace(FRESH, told_today=True)
    assert says([WALK, FLAG, REFERRAL], told) == {
        "flag": "web_push",
        "see_a_doctor": "web_push",
        "walk": "held: one a day",
    }


def test_a_red_flag_is_the_days_push() -> None:
    assert says([WALK, FLAG]) == {"flag": "web_push", "walk": "held: one a day"}


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(6.9, "held: rest period"), (7, "web_push"), (0, "held: rest period")]
)
def test_a_rule_rests_after_its_own_push(days_ago: float, expected: str) -> None:
    known = replace(FRESH, last={"walk": NOW - timedelta(days=days_ago)})
    assert says([WALK], known) == {"walk": expected}


def test_a_resting_rule_leaves_the_days_push_to_the_next() -> None:
    known = replace(FRESH, last={"walk": NOW - timedelta(days=1)})
    assert says([WALK, SALT], known) == {"walk": "held: rest period", "salt": "web_push"}


def test_what_only_nurses_see_is_never_pushed() -> None:
    assert says([replace(FLAG, audience="nurse"), WALK]) == {"flag": "held: for the nurse", "walk": "web_push"}


def test_who_has_no_channel_is_not_told_and_the_log_says_so() -> None:
    assert says([FLAG, WALK], replace(FRESH, channel=None)) == {"flag": "held: no channel", "walk": "held: no channel"}


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (replace(FRESH, hushed="paused"), "paused"),
        (replace(FRESH, hushed="enough this week"), "enough this week"),
        (replace(FRESH, silent=frozenset({"walk", "flag", "see_a_doctor"})), "not wanted to ring"),
        (replace(FRESH, channel=None, hushed="paused"), "no channel"),
    ],
)
def test_a_wish_holds_back_advice_and_neither_a_red_flag_nor_a_referral(known: Known, why: str) -> None:
    grave = f"held: {why}" if known.channel is None else "web_push"
    assert says([WALK, FLAG, REFERRAL], known) == {"flag": grave, "see_a_doctor": grave, "walk": f"held: {why}"}
