from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from store import advice, due
from store.advice import AdviceRow, Settled, Spoken

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=6)
WALK = Spoken(
    rule_id="walk_ten_more",
    kind="advice",
    urgency=1,
    audience="citizen",
    title="10分多く歩いてみませんか",
    body="いまの歩数に、1日10分ほど足してみませんか。",
    reason="最近7日の平均が4,200歩でした。",
    rests_on=[{"metric": "steps", "what": "歩数", "value": "4,200歩", "at": "2026-11-13/2026-11-19"}],
    source={"guideline": "身体活動・運動ガイド2023", "year": 2024, "section": "成人", "verified": True},
    rank=1,
)
FLAG = replace(
    WALK, rule_id="pressure_now", kind="red_flag", urgency=4, audience="both", title="今日中に相談を", rank=0
)
NURSE = replace(WALK, rule_id="call_them", kind="referral", audience="nurse", rank=2)


def a_person(conn: psycopg.Connection, town: str = "062049") -> int:
    row = conn.execute(
        "insert into health.people (birth_date, sex, town) values ('1950-04-01', 'female', %s) returning person_id",
        (town,),
    ).fetchone()
    assert row
    return int(row[0])


def rules(rows: list[AdviceRow]) -> list[str]:
    return [row.rule_id for row in rows]


def test_what_a_rule_says_first_is_new_and_is_shown_in_screen_order(conn: psycopg.Connection) -> None:
    person = a_person(conn)
    settled = advice.settle(conn, {person: [WALK, FLAG]}, NOW)
    assert {row.rule_id for row in settled.new} == {"walk_ten_more", "pressure_now"}
    shown = advice.open_for(conn, person)
    assert rules(shown) == ["pressure_now", "walk_ten_more"]
    assert shown[1].rests_on == WALK.rests_on and shown[1].source == WALK.source
    assert shown[1].created_at == shown[1].judged_at == NOW and shown[1].closed_at is None


def test_english_words_are_kept_beside_the_japanese_ones(conn: psycopg.Connection) -> None:
    person, english = a_person(conn), {"title": "A little more walking", "body": "Ten minutes more a day."}
    advice.settle(conn, {person: [WALK]}, NOW)
    assert advice.settle(conn, {person: [replace(WALK, english=english)]}, LATER) == Settled((), 1, 0)
    assert [row.english for row in advice.open_for(conn, person)] == [english]


def test_the_same_words_again_change_nothing(conn: psycopg.Connection) -> None:
    person = a_person(conn)
    advice.settle(conn, {person: [WALK, FLAG]}, NOW)
    before = conn.execute("select xmin::text, advice.* from health.advice order by advice_id").fetchall()
    assert advice.settle(conn, {person: [FLAG, WALK]}, LATER) == Settled((), 0, 0)
    assert conn.execute("select xmin::text, advice.* from health.advice order by advice_id").fetchall() == before


def test_other_grounds_change_the_open_row_in_place(conn: psycopg.Connection) -> None:
    person = a_person(conn)
    (first,) = advice.settle(conn, {person: [WALK]}, NOW).new
    grounds = [{**WALK.rests_on[0], "value": "3,900歩"}]
    assert advice.settle(conn, {person: [replace(WALK, rests_on=grounds)]}, LATER) == Settled((), 1, 0)
    assert advice.open_for(conn, person) == [replace(first, rests_on=grounds, judged_at=LATER)]


def test_a_silent_rule_closes_its_row_and_speaks_again_in_a_new_one(conn: psycopg.Connection) -> None:
    person = a_person(conn)
    (first,) = advice.settle(conn, {person: [WALK]}, NOW).new
    assert advice.settle(conn, {person: []}, LATER) == Settled((), 0, 1)
    assert advice.open_for(conn, person) == []
    (again,) = advice.settle(conn, {person: [WALK]}, LATER + timedelta(days=1)).new
    assert again.advice_id != first.advice_id and again.created_at == LATER + timedelta(days=1)
    assert conn.execute("select closed_at from health.advice order by advice_id").fetchall() == [(LATER,), (None,)]


def test_a_later_day_is_a_new_occasion_for_a_rule_that_renews_and_for_no_other(conn: psycopg.Connection) -> None:
    person = a_person(conn)
    (first, _) = advice.settle(conn, {person: [FLAG, WALK]}, NOW, renewing=[FLAG.rule_id]).new
    later = [{**FLAG.rests_on[0], "at": "2026-11-20"}]
    said = [replace(FLAG, rests_on=later), replace(WALK, rests_on=later)]
    settled = advice.settle(conn, {person: said}, LATER, renewing=[FLAG.rule_id])
    assert ([row.rule_id for row in settled.new], settled.changed, settled.closed) == ([FLAG.rule_id], 1, 1)
    assert settled.new[0].advice_id != first.advice_id
    assert advice.settle(conn, {person: said}, LATER, renewing=[FLAG.rule_id]) == Settled((), 0, 0)
    earlier = [replace(FLAG, rests_on=[{**later[0], "at": "2026-01-02"}])]  # a correction is no news
    assert advice.settle(conn, {person: [*earlier, said[1]]}, LATER, renewing=[FLAG.rule_id]) == Settled((), 1, 0)


def test_a_rule_that_could_not_be_heard_keeps_its_open_row_of_that_person_alone(conn: psycopg.Connection) -> None:
    one, other = a_person(conn), a_person(conn)
    advice.settle(conn, {one: [WALK, FLAG], other: [FLAG]}, NOW)
    settled = advice.settle(conn, {one: [], other: []}, LATER, unheard=[(one, FLAG.rule_id)])
    assert settled == Settled((), 0, 2)
    assert (rules(advice.open_for(conn, one)), rules(advice.open_for(conn, other))) == ([FLAG.rule_id], [])


def test_settling_some_people_leaves_all_others_alone(conn: psycopg.Connection) -> None:
    one, other = a_person(conn), a_person(conn)
    advice.settle(conn, {one: [WALK], other: [WALK]}, NOW)
    assert advice.settle(conn, {one: []}, LATER) == Settled((), 0, 1)
    assert rules(advice.open_for(conn, other)) == ["walk_ten_more"]


def test_each_audience_sees_its_own(conn: psycopg.Connection) -> None:
    person = a_person(conn)
    advice.settle(conn, {person: [WALK, FLAG, NURSE]}, NOW)
    assert rules(advice.open_for(conn, person)) == ["pressure_now", "walk_ten_more"]
    assert rules(advice.open_for(conn, person, "nurse")) == ["pressure_now", "call_them"]


def test_the_work_list_has_people_with_flags_or_referrals_newest_first(conn: psycopg.Connection) -> None:
    early, late, calm, elsewhere = a_person(conn), a_person(conn), a_person(conn), a_person(conn, "062031")
    own = replace(NURSE, rule_id="tell_your_doctor", audience="citizen")  # for the citizen alone
    advice.settle(conn, {early: [NURSE, own], calm: [WALK, own], elsewhere: [FLAG]}, NOW)
    advice.settle(conn, {late: [WALK, NURSE, FLAG]}, LATER)
    listed = advice.worklist(conn, "062049")
    assert [row.person_id for row in listed] == [late, early]
    assert rules(list(listed[1].advice)) == ["call_them"]
    assert rules(list(listed[0].advice)) == ["pressure_now", "call_them"]
    advice.settle(conn, {early: [NURSE, FLAG]}, LATER + timedelta(minutes=1))
    assert [row.person_id for row in advice.worklist(conn, "062049")] == [early, late]
    advice.settle(conn, {early: [], late: []}, LATER + timedelta(minutes=2))
    assert advice.worklist(conn, "062049") == []


def test_an_answer_is_kept_once_and_has_the_person_judged_anew(conn: psycopg.Connection) -> None:
    person = a_person(conn)
    (row,) = advice.settle(conn, {person: [WALK]}, NOW).new
    assert advice.feedback(conn, person, row.advice_id, "done")
    assert advice.feedback(conn, person, row.advice_id, "done")
    assert conn.execute("select count(*) from health.feedback").fetchone() == (1,)
    assert [who for who, _ in due.take(conn, "advice")] == [person]
    assert advice.feedback(conn, person, row.advice_id, "not_for_me")
    assert advice.answers(conn, person) == {row.advice_id: "not_for_me"}


def test_nobody_answers_for_somebody_else(conn: psycopg.Connection) -> None:
    person, other = a_person(conn), a_person(conn)
    (row,) = advice.settle(conn, {person: [WALK]}, NOW).new
    assert not advice.feedback(conn, other, row.advice_id, "not_for_me")
    assert not advice.feedback(conn, person, row.advice_id + 1000, "done")
    assert conn.execute("select count(*) from health.feedback").fetchone() == (0,)


def test_an_unknown_answer_is_refused_by_the_database(conn: psycopg.Connection) -> None:
    person = a_person(conn)
    (row,) = advice.settle(conn, {person: [WALK]}, NOW).new
    with pytest.raises(psycopg.errors.CheckViolation):
        advice.feedback(conn, person, row.advice_id, "perhaps")  # type: ignore[arg-type]
