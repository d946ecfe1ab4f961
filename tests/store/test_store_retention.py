"""What nobody needs any more goes by itself; who was not here for long is told first."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Event
from uuid import uuid4

import pytest

from store import deletion, last_values, non_use, people, retention, sessions
from store.pool import open_pool
from store.settings import Settings

NOW = datetime.now(UTC)
POLICY = non_use.Policy(after=timedelta(days=1095), notice=timedelta(days=90), wait=timedelta(days=14))
_OLD = {
    "bytes of settled rejections": "insert into health.rejections (origin, reason, raw, resolved_at)"
    " values ('o', 'r', 'x', now() - interval '91 days'), ('o', 'r', 'x', now() - interval '89 days')",
    "rejections": "insert into health.rejections (origin, reason, raw, received_at)"
    " values ('o', 'r', 'x', now() - interval '366 days'), ('o', 'r', 'x', now() - interval '364 days')",
    "answers to posts": "insert into health.posts (person_id, key, digest, answer, posted_at) select person_id, k, 'd',"
    " '{}', now() - a from health.people, (values ('a', interval '31 days'), ('b', interval '29 days')) as v (k, a)",
    "messages set aside that nobody could decode": "insert into health.set_aside"
    " (topic, payload, retained, received_at) values"
    " ('phr/v1/gw/\xff', 'x', false, now() - interval '31 days'), ('t', 'x', false, now())",
    "known arrivals": "insert into health.arrivals (slot, packet_id, digest, stored_at)"
    " values ('s', 1, 'd', now() - interval '61 days'), ('s', 2, 'd', now() - interval '59 days')",
    "decisions on advice": "insert into health.decisions (person_id, facts_hash, spoke, shown, held, at)"
    " select person_id, 'h', '{}', '{}', '{}', now() - a from health.people,"
    " (values (interval '1826 days'), (interval '1824 days')) as v (a)",
    "choices of the ranker": "with model as"
    " (insert into health.ranker_models values ('m', '{}', 0) returning model_id),"
    " made as (insert into health.choices (person_id, day, at, model_id, rules_version, facts_hash, snapshot,"
    " snapshot_hash, options, family, seed, uniform)"
    " select person_id, (now() - a)::date, now() - a, model_id, '', '', '{}', '', '[]', 'none', '', false"
    " from health.people, model, (values (interval '1826 days'), (interval '1824 days')) as v (a)"
    " returning person_id, day, at)"
    " insert into health.choice_outcomes (person_id, day, what, at) select person_id, day, 'not_yet', at from made",
    # that open advice was told is known for as long as it stays open
    "messages": "with said as (insert into health.advice (person_id, rule_id, kind, urgency, audience, title, body,"
    " reason, rests_on, source, judged_at, closed_at)"
    " select person_id, a::text || open, 'advice', 1, 'both', '', '', '', '[]', '{}', now() - a,"
    " case when not open then now() end from health.people, (values (interval '1826 days', false),"
    " (interval '1826 days', true), (interval '1824 days', false)) as v (a, open)"
    " returning advice_id, person_id, judged_at)"
    " insert into health.deliveries (advice_id, person_id, channel, changed_at)"
    " select advice_id, person_id, 'log', judged_at from said",
    "what became of messages": "with said as (insert into health.advice (person_id, rule_id, kind, urgency, audience,"
    " title, body, reason, rests_on, source, judged_at)"
    " select person_id, a::text, 'advice', 1, 'both', '', '', '', '[]', '{}', now() - a from health.people,"
    " (values (interval '1826 days'), (interval '1824 days')) as v (a) returning advice_id, person_id, judged_at)"
    " insert into health.deliveries (advice_id, person_id, channel, changed_at)"
    " select advice_id, person_id, 'log', judged_at from said",
    "sessions that have ended": "insert into identity.sessions (token_hash, person_id, expires_at)"
    " select h::bytea, person_id, now() + a from health.people,"
    " (values ('a', interval '-1 s'), ('b', interval '1 hour')) as v (h, a)",
    "gateway codes that nobody used": "with home as"
    " (insert into health.households default values returning household_id)"
    " insert into health.gateway_codes (code_hash, household_id, expires_at)"
    " select h::bytea, household_id, now() + a from home,"
    " (values ('a', interval '-1 s'), ('b', interval '1 hour')) as v (h, a)",
    "invitations to act for somebody": "insert into health.invitations"
    " (code_hash, person_id, relation, scope, expires_at) select h::bytea, person_id, '長女',"
    " '{see}', now() + a from health.people,"
    " (values ('a', interval '-1 s'), ('b', interval '1 hour')) as v (h, a)",
    "copies that have gone": "insert into identity.exports (person_id, state, asked_at) select person_id, s, now() - a"
    " from health.people, (values ('gone', interval '91 days'), ('ready', interval '91 days')) as v (s, a)",
}


@pytest.fixture
def she(conn):
    return people.add(conn, birth_date=date(1950, 1, 1), sex="female", name="長谷川 さち")


@pytest.fixture
def jobs(database):
    """The worker's own pool, in its own role."""
    with open_pool(database, role="phr_jobs") as opened:
        yield opened


@pytest.mark.parametrize("rule", retention.RULES, ids=lambda rule: rule.name)
def test_what_is_too_old_goes_and_what_is_not_stays(conn, jobs, she, rule):
    conn.execute(_OLD[rule.name].encode())
    older = retention.period(Settings(), rule)
    assert retention.over(conn, rule, older) == 1
    assert retention.carry_out(jobs, rule, older, Event()) == 1
    assert retention.over(conn, rule, older) == 0
    [(left,)] = conn.execute(f"select count(*) from {rule.table}").fetchall()
    assert left == (2 if "raw = ''" in rule.step or rule.name == "messages" else 1)


def test_portions_end_where_nothing_is_left(conn, jobs, monkeypatch):
    monkeypatch.setattr(retention, "PORTION", 7)
    rule = next(rule for rule in retention.RULES if rule.name == "known arrivals")
    conn.execute(
        "insert into health.arrivals select 's', n, 'd', now() - interval '99 days' from generate_series(1, 21) as n"
    )
    assert retention.carry_out(jobs, rule, timedelta(days=60), Event()) == 21


def test_nothing_is_lost_of_what_was_set_aside_too_long(conn, jobs):
    rule = next(rule for rule in retention.RULES if rule.table == "health.set_aside")
    conn.execute(
        "insert into health.set_aside (topic, payload, retained, received_at)"
        " values ('phr/v1/gw-1/pedometer', '\\x0102', false, now() - interval '99 days')"
    )
    retention.carry_out(jobs, rule, timedelta(days=30), Event())
    kept = conn.execute("select origin, gateway_id, reason, raw from health.rejections").fetchall()
    assert kept == [("phr/v1/gw-1/pedometer", "gw-1", "set_aside_too_long", b"\x01\x02")]


def carry_out(conn, now):
    with conn.transaction():
        conn.execute("set local role phr_jobs")
        return non_use.carry_out(conn, POLICY, now)


def test_long_non_use_is_told_first_then_planned_then_carried_out(conn, she):
    assert carry_out(conn, NOW + timedelta(days=1090)).noticed == 0
    told = NOW + timedelta(days=1100)
    assert carry_out(conn, told) == (1, 0, 0) and carry_out(conn, told) == (0, 0, 0)
    assert [one.public_id for one in non_use.notices(conn)] == [she.public_id]
    assert carry_out(conn, told + timedelta(days=89)).planned == 0
    assert carry_out(conn, told + timedelta(days=91)).planned == 1
    plan = deletion.of_person(conn, she.person_id)
    assert plan and (plan.asked_by, plan.due_at - plan.asked_at) == ("non_use", timedelta(days=14))


@pytest.mark.parametrize("use", ["measured", "looked", "looked by the proxy"])
def test_any_use_takes_notice_and_plan_back(conn, she, use):
    told = NOW + timedelta(days=1100)
    carry_out(conn, told)
    carry_out(conn, told + timedelta(days=91))
    assert deletion.of_person(conn, she.person_id)
    heard = told + timedelta(days=95)
    if use == "measured":
        conn.execute("insert into health.last_values values (%s, 'weight', %s, 60, 1)", (she.person_id, heard))
        assert last_values.of_person(conn, she.person_id)
    else:
        who = (f"person:{she.public_id}", "citizen") if use == "looked" else (f"person:{uuid4()}", "proxy")
        conn.execute(
            "insert into audit.fresh (at, actor, role, person_id, action, items, purpose, allowed)"
            " values (%s, %s, %s, %s, 'read', 'person', 'own', true)",
            (heard, *who, she.person_id),
        )
    assert carry_out(conn, heard + timedelta(days=1)).taken_back == 1
    assert deletion.of_person(conn, she.person_id) is None and non_use.notices(conn) == []


def test_somebody_elses_look_is_no_use(conn, she):
    conn.execute(
        "insert into audit.fresh (at, actor, role, person_id, action, items, purpose, allowed)"
        " values (%s, 'staff:1', 'nurse', %s, 'read', 'person', 'guidance', true)",
        (NOW + timedelta(days=900), she.person_id),
    )
    assert carry_out(conn, NOW + timedelta(days=1100)).noticed == 1


def test_a_measurement_dated_in_the_future_is_no_use(conn, she):
    conn.execute(
        "insert into health.last_values values (%s, 'weight', now() + interval '50 years', 60, 1)", (she.person_id,)
    )
    assert carry_out(conn, NOW + timedelta(days=1100)).noticed == 1


def test_a_persons_own_plan_is_never_taken_back_by_use(conn, she):
    told = NOW + timedelta(days=1100)
    carry_out(conn, told)
    deletion.ask(conn, she.person_id, by="self", wait=timedelta(days=14))
    conn.execute(
        "insert into health.last_values values (%s, 'weight', %s, 60, 1)", (she.person_id, told + timedelta(days=1))
    )
    assert carry_out(conn, told + timedelta(days=2)).taken_back == 1
    assert deletion.of_person(conn, she.person_id)


def test_zero_days_turn_it_off(conn, she):
    off = non_use.Policy(timedelta(), timedelta(days=90), timedelta(days=14))
    assert non_use.carry_out(conn, off, NOW + timedelta(days=9999)) == (0, 0, 0)
    assert sessions.sweep(conn) == 0
