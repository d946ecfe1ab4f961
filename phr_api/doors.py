"""Who comes in, and what is written down about it: the one place that decides.

Every endpoint names its audience in its signature: ``Me`` (a citizen), ``Nurse`` (a 保健師), ``SignedIn`` (either)
or, marked on purpose, ``dependencies=[Public]``. An app with an endpoint that names none does not start
(``audiences.check``).

``Conn`` is the request's transaction: committed when the endpoint returns, before the answer goes out; rolled back
when it raises. Endpoint code never commits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

import psycopg
from anyio import fail_after
from fastapi import Depends, Request, Response
from fastapi.concurrency import contextmanager_in_threadpool
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from phr_api.problems import Problem, SignInNeeded, busy, forbidden, foreign_page
from store import audit, sessions
from store.sessions import Citizen, NurseOnDuty, Who

COOKIE = "phr_session"
_WAIT_SECONDS = 10

_Cookie = Annotated[str | None, Depends(APIKeyCookie(name=COOKIE, auto_error=False))]
_Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


async def connection(request: Request) -> AsyncIterator[psycopg.Connection]:
    """One connection of the pool for the whole request.

    Waiting for a turn happens here and not in a thread: were all threads to wait for connections, no thread would
    be left for the requests that hold them.
    """
    state = request.app.state
    try:
        with fail_after(_WAIT_SECONDS):
            await state.turns.acquire()
    except TimeoutError:
        raise busy() from None
    try:
        async with contextmanager_in_threadpool(state.pool.connection()) as conn:
            yield conn
    finally:
        state.turns.release()


# scope="function": commits before the answer is sent, so that whoever was told "stored" can rely on it
Conn = Annotated[psycopg.Connection, Depends(connection, scope="function")]


def token(cookie: _Cookie, bearer: _Bearer) -> str:
    """The caller's token; a bearer token counts before a cookie."""
    found = bearer.credentials if bearer else cookie
    if not found:
        raise SignInNeeded
    return found


def signed_in(request: Request, token: Annotated[str, Depends(token)], conn: Conn) -> Who:
    """Anyone who is signed in."""
    who = sessions.who(conn, token)
    if who is None:
        raise SignInNeeded
    if not _own_page(request):
        deny(conn, who, None, request=request, problem=foreign_page())
    return who


SignedIn = Annotated[Who, Depends(signed_in)]


def citizen(request: Request, who: SignedIn, conn: Conn) -> Citizen:
    """A citizen, who sees own data only."""
    if not isinstance(who, Citizen):
        deny(conn, who, None, request=request, problem=forbidden())
    return who


def nurse(request: Request, who: SignedIn, conn: Conn) -> NurseOnDuty:
    """A 保健師, who sees the people of her town."""
    if not isinstance(who, NurseOnDuty):
        deny(conn, who, None, request=request, problem=forbidden())
    return who


def public(request: Request) -> None:
    """Everybody. Marks an endpoint that shows nothing personal."""
    if not _own_page(request):
        raise foreign_page()


Me = Annotated[Citizen, Depends(citizen)]
Nurse = Annotated[NurseOnDuty, Depends(nurse)]
Public = Depends(public)


def look(
    conn: psycopg.Connection,
    who: Who,
    person_id: int,
    *,
    items: str,
    purpose: str,
    request: Request,
    action: str = "read",
) -> None:
    """Write down that ``who`` saw (or changed) ``items`` of this person, in the request's transaction.

    ``items`` names kinds ('advice', 'readings: weight'), never values. ``purpose``: 'own' for one's own data.
    """
    audit.note(
        conn,
        actor=who.actor,
        role=who.role,
        person_id=person_id,
        action=action,
        items=items,
        purpose=purpose,
        origin=_origin(request),
    )


def deny(conn: psycopg.Connection, who: Who, person_id: int | None, *, request: Request, problem: Problem) -> NoReturn:
    """Refuse with ``problem`` and write the refusal down in a transaction of its own; all else is rolled back."""
    conn.rollback()
    audit.note(
        conn,
        actor=who.actor,
        role=who.role,
        person_id=person_id,
        action="deny",
        items=f"{request.method} {request.scope['route'].path}",
        purpose=problem.title,
        allowed=False,
        origin=_origin(request),
    )
    conn.commit()
    raise problem


def sign_in(
    conn: psycopg.Connection,
    request: Request,
    response: Response,
    *,
    person_id: int | None = None,
    staff_id: int | None = None,
) -> None:
    """Open a session and hand its token to the browser. A session that the browser had before is closed."""
    _close(conn, request)
    sessions.sweep(conn)  # whoever comes in takes the expired ones out
    response.set_cookie(
        COOKIE,
        sessions.open(conn, person_id=person_id, staff_id=staff_id),
        max_age=int(sessions.TTL.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.app.state.settings.public_url.startswith("https:"),
    )


def sign_out(conn: psycopg.Connection, request: Request, response: Response) -> None:
    """Close the browser's session and take its cookie away."""
    _close(conn, request)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


def _close(conn: psycopg.Connection, request: Request) -> None:
    before = request.cookies.get(COOKIE)
    if before:
        sessions.close(conn, before)


def _own_page(request: Request) -> bool:
    """False when another site's page sent this (CSRF). SameSite=Lax is the first fence, this is the second.

    Browsers say where an unsafe request comes from (Sec-Fetch-Site, else Origin) and pages can't forge it. A bearer
    token is never sent by a browser on its own, so such callers are exempt. A cookie with neither header is refused.
    """
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if request.method in ("GET", "HEAD", "OPTIONS") or (scheme.lower() == "bearer" and credentials.strip()):
        return True
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site:
        return site in ("same-origin", "none")
    if origin:
        own = urlsplit(request.app.state.settings.public_url).netloc
        return urlsplit(origin).netloc in (own, request.headers.get("host"))
    return COOKIE not in request.cookies


def _origin(request: Request) -> str:
    # behind a proxy this is what a header said: nothing but an address is written down
    try:
        return str(ip_address(request.client.host)) if request.client else ""
    except ValueError:
        return ""
