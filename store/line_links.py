"""Linking a LINE account (Messaging API, "User account linking"): a nonce names the person, LINE's webhook the account.

The nonce has 256 random bits, is good once and for ten minutes, and only its sha256 is kept.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

import psycopg

from store import addresses, reaching

LIFE = timedelta(minutes=10)


def ask(conn: psycopg.Connection, person_id: int) -> str:
    """A new nonce for this person; an older one is void."""
    conn.execute("delete from health.line_links where person_id = %s or expires_at <= now()", (person_id,))
    nonce = token_urlsafe(32)
    conn.execute(
        "insert into health.line_links (nonce_hash, person_id, expires_at) values (%s, %s, now() + %s)",
        (_digest(nonce), person_id, LIFE),
    )
    return nonce


def link(conn: psycopg.Connection, nonce: str, user_id: str) -> int | None:
    """LINE says that who was given this nonce has this account: whose it is. None for one that is wrong, used or old.

    Raises TooManyAddresses.
    """
    row = conn.execute("select health.linked_by(%s)", (_digest(nonce),)).fetchone()
    if row is None or row[0] is None:
        return None
    person_id = int(row[0])
    reaching.as_person(conn, person_id)  # the nonce acts for whoever asked for it
    addresses.add(conn, person_id, "line", user_id, confirmed=True)
    return person_id


def _digest(nonce: str) -> bytes:
    return sha256(nonce.encode("utf-8", "surrogatepass")).digest()
