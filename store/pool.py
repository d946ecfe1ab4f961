"""The one way to the database: a psycopg pool. The caller owns transactions; store functions never commit.

Whoever works here works as one of the database's roles (``store/grants.toml``), whatever login brought them in: a fault
in one worker reaches no further than its role.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool

from store.settings import BadSetting


def open_pool(
    conninfo: str, size: int = 4, name: str = "phr", *, checked: bool = True, role: str | None = None
) -> ConnectionPool:
    """A pool whose ``connection()`` commits at the end of its block and rolls back on an exception.

    Connections are checked before they are handed out, so a restarted database costs one retry, not a failure. Who
    tries again in any case spares itself that question (``checked=False``). Every connection works as ``role``.
    """
    return ConnectionPool(
        conninfo,
        min_size=1,
        max_size=size,
        name=name,
        open=True,
        timeout=30,
        # The pool's own tries double their distance up to minutes. So it shall give up soon: whoever asks for a
        # connection then begins anew, and a database that was away long is found again within seconds.
        reconnect_timeout=4,
        check=ConnectionPool.check_connection if checked else None,
        kwargs={"options": f"-c timezone=UTC{_as(role)}", "application_name": name},
    )


@contextmanager
def alone(
    conninfo: str, name: str, *, role: str | None, options: str = "", **more: Any
) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """One autocommit connection of a worker's own, working as ``role``: to listen on, or to hold a lock with."""
    options = f"{options}{_as(role)}"
    with psycopg.connect(conninfo, autocommit=True, application_name=name, options=options, **more) as conn:
        yield conn


def _as(role: str | None) -> str:
    # at the start of the connection, not by a statement: a `reset role` leads back here and not to the login
    return f" -c role={role}" if role else ""


def may_become(conninfo: str, role: str) -> None:
    """Raises BadSetting when this login may not work as ``role``. A database that is away is no fault here."""
    try:
        with psycopg.connect(conninfo, autocommit=True, connect_timeout=5) as conn:
            conn.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    except psycopg.errors.InvalidParameterValue:
        raise BadSetting(f"PHR_DATABASE_URL: this database has no role {role}; migrate it first") from None
    except psycopg.errors.InsufficientPrivilege:
        raise BadSetting(
            f"PHR_DATABASE_URL: the login may not work as {role}; an administrator says: grant {role} to <login>"
        ) from None
    except psycopg.OperationalError:
        return  # away, or not yet there: the pool tries again
