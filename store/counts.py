"""How much of what there is in the whole town, for the operators' metrics. Numbers of rows; no health value."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

# What was written since the server's statistics began: counting the rows themselves would read the largest table.
# A hypertable's rows are in its chunks, which inherit from it.
_WRITTEN = """
select coalesce(sum(n_tup_ins), 0)::bigint from pg_stat_user_tables
 where relid in (to_regclass('health.readings'), to_regclass('health.raw_readings'))
    or relid in (select inhrelid from pg_inherits where inhparent = to_regclass('health.raw_readings'))
"""
_DUE = """
select work, sum(cardinality(people))::bigint, extract(epoch from now() - min(marked_at))::float8
  from health.due group by work order by work
"""
_ASIDE = "select count(*), coalesce(extract(epoch from now() - min(received_at)), 0)::float8 from health.set_aside"


@dataclass(frozen=True, slots=True)
class Due:
    """Marks that wait for a worker; ``oldest`` is the age of the oldest in seconds."""

    work: str
    marks: int
    oldest: float


def due(conn: psycopg.Connection) -> list[Due]:
    """What waits, by work."""
    return [Due(*row) for row in conn.execute(_DUE)]


@dataclass(frozen=True, slots=True)
class Aside:
    """Long messages that wait to be decoded; ``oldest`` is the age of the oldest in seconds, 0 when there is none."""

    messages: int
    oldest: float


def set_aside(conn: psycopg.Connection) -> Aside:
    """What was set aside and not yet decoded."""
    [(messages, oldest)] = conn.execute(_ASIDE).fetchall()
    return Aside(messages, oldest)


def readings_written(conn: psycopg.Connection) -> int:
    """Readings ever inserted, as the server counts; it starts anew when its statistics are reset."""
    [(written,)] = conn.execute(_WRITTEN).fetchall()
    return int(written)


def deliveries(conn: psycopg.Connection) -> dict[str, int]:
    """Deliveries by status."""
    rows = conn.execute("select status, count(*) from health.deliveries group by status order by status")
    return dict(rows.fetchall())


def live_gateways(conn: psycopg.Connection) -> int:
    """Gateways that may connect now."""
    [(live,)] = conn.execute(
        "select count(*) from health.gateways where revoked_at is null or revoked_at > now()"
    ).fetchall()
    return int(live)


def waiting_slots(conn: psycopg.Connection) -> int:
    """MQTT sessions that may hold messages and were not drained: the workers' own, and those of dead ones."""
    [(waiting,)] = conn.execute("select count(*) from health.slots where drained_at is null").fetchall()
    return int(waiting)
