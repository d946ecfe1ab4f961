"""Limits for whoever tries in vain, counted in the database.

Two kinds. A right token, code or assertion is always let through: those can't be guessed, so the count only slows
down who sends wrong ones, and nobody can lock others out with it. A second factor has six digits: there the wait
counts before the code is looked at (``pages/second_factor.py``).
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from math import ceil

import psycopg
from fastapi import Request, Response

from phr_api.doors import origin
from phr_api.problems import Problem, respond, too_many
from store import tries

_FREE = 20  # of one address: a household, an office or a whole mobile network can lie behind it


def source(request: Request) -> str:
    """Where a request comes from, as far as one user is told from another: an IPv6 network, an IPv4 address."""
    text = origin(request)
    if not text:
        return "unknown"
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"  # what one subscriber gets
    return text


def waiting(request: Request, conn: psycopg.Connection, what: str) -> int:
    """Count a try in vain by its address; gives the seconds to wait from now, 0 for none. Commit it: don't raise."""
    return ceil(tries.take(conn, f"{what}|{source(request)}", free=_FREE))


def refused(request: Request, conn: psycopg.Connection, what: str, problem: Problem) -> Response:
    """The answer to a try in vain, counted by its address: ``problem``, or 429 when there were too many.

    To be returned, not raised: the count is committed with the request.
    """
    wait = waiting(request, conn, what)
    return respond(request, too_many(wait) if wait else problem)
