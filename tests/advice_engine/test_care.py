"""A red flag or referral rests while a doctor has seen to it, and everything else stays as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from advice_person import TODAY, examined, having
from psycopg_pool import ConnectionPool
from small_town import Town

from advice_engine.facts import CareAnswer, Facts
from advice_engine.judge import judge
from advice_engine.rule import Ground, Kind, Rule, Source, Speech
from advice_engine.run import work_once
from store import advice, care, due

NOW = datetime.now(UTC)  # answers are given at the database's own time
EXAMINED = TODAY - timedelta(days=20)


def _rule(name: str, kind: Kind, urgency: int, *, renews: bool = True, topic: str = "t") -> Rule:
    said = Speech(name, f"{name}です。", "理由です。", (Ground("hba1c", "HbA1c", "7.2 %", EXAMINED.isoformat()),))
    return Rule(
        id=name, title=name, kind=kind, urgency=urgency, audience="both", topic=topic, needs=("checkups",),
        when=lambda _: said, rest_days=1, source=Source("目安", 2024, "1"), false_alarms="-", renews=renews,
    )  # fmt: skip


def _answered(rule: str, *, days_ago: int = 3, newest: date = EXAMINED) -> Facts:
    said = CareAnswer(rule, "treated", "self", TODAY - timedelta(days=days_ago), newest.isoformat())
    return having(examined(on=EXAMINED, bmi=22), care=(said,))


REFERRAL, FLAG = _rule("r", "referral", 3), _rule("f", "red_flag", 3)
MEASURED, GAIN = _rule("m", "referral", 3, renews=False), _rule("g", "red_flag", 3, renews=False)
OLDER = EXAMINED - timedelta(days=365)


@pytest.mark.parametrize(
    ("rule", "facts", "rests"),
    [
        pytest.param(REFERRAL, _answered("r"), True, id="a referral on a checkup"),
        pytest.param(FLAG, _answered("f"), True, id="a red flag that is not of today"),
        pytest.param(REFERRAL, _answered("r", newest=OLDER), False, id="a new checkup"),
        pytest.param(REFERRAL, _answered("r", days_ago=365), True, id="a year"),
        pytest.param(REFERRAL, _answered("r", days_ago=366), False, id="more than a year"),
        pytest.param(MEASURED, _answered("m", days_ago=90, newest=OLDER), True, id="own values within 90 days"),
        pytest.param(MEASURED, _answered("m", days_ago=91), False, id="own values after 90 days"),
        pytest.param(GAIN, _answered("g", days_ago=14), True, id="a red flag on own values within 14 days"),
        pytest.param(GAIN, _answered("g", days_ago=15), False, id="a red flag on own values after 14 days"),
        pytest.param(_rule("now", "red_flag", 4), _answered("now"), False, id="what is of today never rests"),
        pytest.param(REFERRAL, _answered("other"), False, id="a rule that is no more"),
    ],
)
def test_it_rests_until_there_is_something_new(rule: Rule, facts: Facts, rests: bool) -> None:
    judgement = judge(facts, [rule])
    assert bool(judgement.held) == rests and [one.rule.id for one in judgement.shown] == [rule.id] * (not rests)
    if rests:
        answered = facts.care[0].on.isoformat()
        assert judgement.held == {rule.id: f"answered on {answered}: under treatment (self)"}


def test_the_answer_counts_for_milder_referrals_of_the_topic_and_for_nothing_graver() -> None:
    rules = [_rule("mild", "referral", 2), _rule("same", "referral", 3), _rule("grave", "referral", 3)]
    assert set(judge(_answered("same"), [rules[0]]).held) == set()
    assert set(judge(_answered("same"), [rules[0], rules[1]]).held) == {"mild", "same"}
    flag = _rule("flag", "red_flag", 2)
    assert [one.rule.id for one in judge(_answered("same"), [flag, rules[1]]).shown] == ["flag"]
    assert [one.rule.id for one in judge(_answered("mild"), [rules[0], rules[2]]).shown] == ["grave"]


def test_what_rests_goes_on_holding_advice_back_and_lets_nothing_else_into_its_topic() -> None:
    rules = [
        FLAG,
        _rule("advice", "advice", 1, topic="steps"),
        _rule("praise", "praise", 1),
        _rule("info", "information", 1),
    ]
    assert judge(_answered("f"), rules).shown == ()


def _examined(town: Town) -> int:
    person = town.person()
    known = {"consent": town.consent(person), "source": town.source("record")}
    document = town.document(person, "2026-05-01", **known)
    town.record(person, **known, document_id=document, metric="hba1c", value=7.2)
    return person


def _judged(db: ConnectionPool, conn: psycopg.Connection, person: int) -> dict[str, int]:
    due.mark(conn, "advice", [(person, NOW.date())])
    conn.commit()
    work_once(db, NOW)
    return {row.rule_id: row.advice_id for row in advice.open_for(conn, person)}


def test_a_referral_goes_with_the_persons_answer_and_comes_back_when_it_is_taken_back(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person, other = _examined(town), _examined(town)
    before = _judged(db, conn, person)
    assert advice.feedback(conn, person, before["checkup_glucose"], "under_care")
    after = _judged(db, conn, person)
    assert before.keys() - after.keys() == {"checkup_glucose"} and after.keys() <= before.keys()
    [said] = care.of_person(conn, person, NOW)
    assert (said.what, said.who) == ("treated", "self")
    assert "checkup_glucose" in _judged(db, conn, other)
    advice.feedback(conn, person, said.advice_id, "not_yet")
    assert "checkup_glucose" in _judged(db, conn, person)
    assert care.of_person(conn, person, NOW) == []


def test_under_care_is_no_answer_to_advice(conn: psycopg.Connection, town: Town) -> None:
    person = town.person()
    assert not advice.feedback(conn, person, town.advice(person), "under_care")
