"""What goes by itself when nobody needs it any more. Each rule has its period in the settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from threading import Event

import psycopg
from psycopg_pool import ConnectionPool

from store.settings import Settings

PORTION = 5000  # rows in one transaction


@dataclass(frozen=True, slots=True)
class Rule:
    """``over`` says which rows (SQL, %(older)s an interval); ``step`` takes at most %(portion)s of them away.

    ``setting`` names the period in days; '' where the rows carry their end themselves.
    """

    name: str
    table: str
    over: str
    step: str
    setting: str = ""


def _goes(name: str, table: str, over: str, *, setting: str = "") -> Rule:
    step = (
        f"delete from {table} where ctid in"  # noqa: S608 - our own words
        f" (select ctid from {table} where {over} limit %(portion)s)"
    )
    return Rule(name, table, over, step, setting)


RULES = (
    Rule(
        "bytes of settled rejections",
        "health.rejections",
        "resolved_at < now() - %(older)s and raw <> ''",
        "update health.rejections set raw = '' where rejection_id in (select rejection_id from health.rejections"
        " where resolved_at < now() - %(older)s and raw <> '' limit %(portion)s)",
        "keep_raw_days",
    ),
    _goes(
        "rejections",
        "health.rejections",
        "coalesce(last_at, received_at) < now() - %(older)s",
        setting="keep_rejections_days",
    ),
    _goes(
        "answers to posts",
        "health.posts",
        "posted_at < now() - %(older)s",
        setting="keep_posts_days",
    ),
    Rule(
        "messages set aside that nobody could decode",
        "health.set_aside",
        "received_at < now() - %(older)s",
        "with old as (delete from health.set_aside where aside_id in (select aside_id from health.set_aside"
        " where received_at < now() - %(older)s limit %(portion)s) returning *)"
        " insert into health.rejections (origin, gateway_id, reason, raw, retained, received_at)"
        " select encode(topic, 'escape'), split_part(encode(topic, 'escape'), '/', 3), 'set_aside_too_long', payload,"
        " retained, received_at from old",
        "keep_set_aside_days",
    ),
    _goes(
        "known arrivals",
        "health.arrivals",
        "stored_at < now() - %(older)s",
        setting="keep_arrivals_days",
    ),
    _goes(
        "decisions on advice",
        "health.decisions",
        "at < now() - greatest(%(older)s, interval '1 year')",  # the database lets no younger one go
        setting="keep_decisions_days",
    ),
    _goes(
        "choices of the ranker",  # with what became of them, which is known within two months
        "health.choices",
        "at < now() - greatest(%(older)s, interval '1 year' + interval '60 days')",
        setting="keep_decisions_days",
    ),
    _goes(
        "messages",  # when its rule last rang, and that open advice was told, is asked for longer
        "health.deliveries",
        "changed_at < now() - greatest(%(older)s, interval '1 year' + interval '60 days') and not exists"
        " (select from health.advice where advice.advice_id = deliveries.advice_id and closed_at is null)",
        setting="keep_decisions_days",
    ),
    _goes(
        "what became of messages",
        "health.delivery_events",
        "at < now() - greatest(%(older)s, interval '1 year')",
        setting="keep_decisions_days",
    ),
    _goes("sessions that have ended", "identity.sessions", "expires_at < now()"),
    _goes(
        "gateway codes that nobody used",
        "health.gateway_codes",
        "used_at is null and expires_at < now()",
    ),
    _goes("invitations to act for somebody", "health.invitations", "expires_at < now()"),  # the entitlement stays
    _goes(
        "copies that have gone",
        "identity.exports",
        "state in ('gone', 'stopped', 'failed') and asked_at < now() - interval '90 days'",
    ),
)


def period(settings: Settings, rule: Rule) -> timedelta:
    """The rule's period as it is set; zero for one whose rows carry their end themselves."""
    return timedelta(days=getattr(settings, rule.setting)) if rule.setting else timedelta()


def over(conn: psycopg.Connection, rule: Rule, older: timedelta) -> int:
    """How many rows the rule would take away now."""
    row = conn.execute(
        f"select count(*) from {rule.table} where {rule.over}".encode(),  # noqa: S608 - our own words
        {"older": older},
    ).fetchone()
    return int(row[0]) if row else 0


def carry_out(pool: ConnectionPool, rule: Rule, older: timedelta, stop: Event) -> int:
    """Take them away, a portion a transaction, until none is left or ``stop`` is set; returns how many."""
    gone = 0
    while not stop.is_set():
        with pool.connection() as conn:
            done = conn.execute(rule.step.encode(), {"older": older, "portion": PORTION}).rowcount
        gone += done
        if done < PORTION:
            break
    return gone
