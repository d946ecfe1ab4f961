"""The one way to the database: a psycopg pool. The caller owns transactions; store functions never commit."""

from __future__ import annotations

from psycopg_pool import ConnectionPool


def open_pool(conninfo: str, size: int = 4, name: str = "phr", *, checked: bool = True) -> ConnectionPool:
    """A pool whose ``connection()`` commits at the end of its block and rolls back on an exception.

    Connections are checked before they are handed out, so a restarted database costs one retry, not a failure. Who
    tries again in any case spares itself that question (``checked=False``).
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
        kwargs={"options": "-c timezone=UTC", "application_name": name},
    )
