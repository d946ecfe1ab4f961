"""What a person wishes of messages, from judging on: nothing is planned that would not ring."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
from psycopg_pool import ConnectionPool
from push_service import Browser
from small_town import Town

from advice_engine.run import rules, work_once
from advice_engine.wishes import next_hour, reaching, silent
from store import choices, due, message_wishes, push_subscriptions
from store.clock import JST
from store.message_wishes import Wishes

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # noon in Japan
TODAY = date(2026, 11, 20)


def lazy(town: Town, wishes: Wishes) -> int:
    """Who walks little, so that the walking advice speaks, and wishes this."""
    person = town.person()
    for back in range(28):
        town.day(person, TODAY - timedelta(days=back), "steps", 2500, total=True)
    message_wishes.keep(town.conn, person, wishes, by="self")
    return person


def judge(db: ConnectionPool, conn: psycopg.Connection, person: int, now: datetime = NOW) -> dict[str, str]:
    """What the decision log says of what is new."""
    due.mark(conn, "advice", [(person, TODAY)])
    assert work_once(db, now)
    ((said,),) = conn.execute(
        "select push from health.decisions where person_id = %s order by decision_id desc limit 1", (person,)
    ).fetchall()
    return said


def test_in_a_pause_advice_is_on_the_screen_and_rings_nowhere_but_a_red_flag_does(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person = lazy(town, Wishes(paused_until=TODAY + timedelta(days=1)))
    said = judge(db, conn, person)
    assert said and all(why.startswith("held: ") for why in said.values()) and "held: paused" in said.values()
    assert conn.execute("select count(*) from health.advice where closed_at is null").fetchone() == (len(said),)
    town.pressures(person, TODAY, 165, 102)
    assert judge(db, conn, person)["home_pressure_high_now"] == "log"
    assert conn.execute("select kind from health.deliveries join health.advice using (advice_id)").fetchall() == [
        ("red_flag",)
    ]
    assert choices.all_since(conn, NOW - timedelta(days=1)) == []  # nothing was drawn that could not ring


def test_the_ranker_does_not_choose_what_is_not_to_ring(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    loud, hushed = lazy(town, Wishes()), lazy(town, Wishes(silent=("walking",)))
    for person in (loud, hushed):
        judge(db, conn, person)
    offered = {
        choice.person_id: {option["family"] for option in choice.options}
        for choice in choices.all_since(conn, NOW - timedelta(days=1))
    }
    assert "walking" in offered[loud] and "walking" not in offered.get(hushed, set())


def test_who_wants_one_a_week_gets_one(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    person = lazy(town, Wishes(a_week=1))
    advice = town.advice(person, "told", kind="praise", closed_at=NOW)
    conn.execute(
        "insert into health.deliveries (advice_id, person_id, channel, status, sent_at)"
        " values (%s, %s, 'log', 'sent', %s)",
        (advice, person, NOW - timedelta(days=6)),
    )
    assert set(judge(db, conn, person).values()) == {"held: enough this week"}
    conn.execute("update health.deliveries set sent_at = %s", (NOW - timedelta(days=7),))
    conn.execute("delete from health.advice where rule_id <> 'told'")
    assert "held: enough this week" not in judge(db, conn, person, NOW + timedelta(hours=1)).values()


def test_the_wished_channel_tells_where_it_reaches_and_another_where_it_does_not(
    conn: psycopg.Connection, town: Town
) -> None:
    asks, has_none, says_nothing = town.person(), town.person(), town.person()
    for person in (asks, says_nothing):
        town.consent(person, "city", purpose="push")
        push_subscriptions.add(conn, person, endpoint=f"https://localhost/{person}", **Browser().keys)
    wished = {asks: Wishes(channel="log"), has_none: Wishes(channel="web_push")}
    found = reaching(conn, [asks, has_none, says_nothing], wished)
    assert found == {asks: "log", has_none: "log", says_nothing: "web_push"}


def test_no_wish_makes_a_red_flag_or_a_referral_silent() -> None:
    everything = Wishes(silent=tuple({"red_flag", "referral", "praise", "information", "reflection"}))
    kinds = {rule.kind for rule in rules() if rule.id in silent(everything, rules())}
    assert kinds == {"praise", "information"}


def test_the_morning_is_the_next_one() -> None:
    for hour, expected in ((7, 21), (13, 20), (12, 21), (24, 21)):
        assert next_hour(NOW, hour) == datetime(2026, 11, expected, hour % 24, tzinfo=JST)
