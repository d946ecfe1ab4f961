"""Who comes in, and what is written down about it: the one place that decides.

Every endpoint names its audience in its signature: ``Me`` (a citizen), ``Fresh`` (a citizen who has just signed in),
``Nurse`` (a 保健師), ``Desk`` (one of the town itself, no facility's), ``Supervisor`` (one who answers for the others),
``SignedIn`` (any of these), ``HalfSignedIn`` (a 保健師 whose second factor may be missing) or, marked on purpose,
``dependencies=[Public]``; programs come in through ``phr_api/programs.py``, and ``phr_api/behalf.py`` says where a
proxy may act in the place of ``Me``. An app with an endpoint that names none does not start (``audiences.check``).

``Conn`` is the request's transaction: committed when the endpoint returns, before the answer goes out; rolled back
when it raises. Endpoint code never commits. What waits for another machine it leaves in ``request.state.afterwards``:
that is called in between, without a transaction, and may raise Problem.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

import psycopg
from anyio import fail_after
from fastapi import Depends, Request, Response
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from phr_api import browsers
from phr_api.problems import (
    ActingForAnother,
    Problem,
    SecondFactorNeeded,
    SignInAgain,
    SignInNeeded,
    busy,
    forbidden,
    foreign_page,
)
from store import audit, reaching, sessions
from store.entitlements import Behalf
from store.sessions import Citizen, NurseOnDuty, Session, Who

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
    for step in getattr(request.state, "afterwards", ()):
        await run_in_threadpool(step)


# scope="function": commits before the answer is sent, so that whoever was told "stored" can rely on it
Conn = Annotated[psycopg.Connection, Depends(connection, scope="function")]


def token(cookie: _Cookie, bearer: _Bearer) -> str:
    """The caller's token; a bearer token counts before a cookie."""
    found = bearer.credentials if bearer else cookie
    if not found:
        raise SignInNeeded
    return found


def session(request: Request, token: Annotated[str, Depends(token)], conn: Conn) -> Iterator[Session]:
    """The caller's session, whoever they are: a person or a program.

    What they ask for and is not there for them is written down as well: so whoever tries others' ids is found.
    """
    found = sessions.find(conn, token)
    if found is None:
        raise SignInNeeded
    reaching.begin(conn, found.who, proven=found.second_factor or not second_factor_asked(request))
    if not _own_page(request):
        deny(conn, found.who, None, request=request, problem=foreign_page())
    if found.stale:
        sessions.touch(conn, found.session_id)
    try:
        yield found
    except Problem as problem:
        if problem.status == 404 and not problem.noted:
            deny(conn, found.who, None, request=request, problem=problem)
        raise


AnySession = Annotated[Session, Depends(session, scope="function")]


def signed_in(request: Request, session: AnySession, conn: Conn) -> Citizen | NurseOnDuty:
    """A person who is signed in; one of the staff with the second factor."""
    if not isinstance(session.who, Citizen | NurseOnDuty):
        deny(conn, session.who, None, request=request, problem=forbidden())
    if isinstance(session.who, NurseOnDuty) and not session.second_factor and second_factor_asked(request):
        deny(conn, session.who, None, request=request, problem=SecondFactorNeeded())
    return session.who


SignedIn = Annotated[Citizen | NurseOnDuty, Depends(signed_in)]


def citizen(request: Request, who: SignedIn, session: AnySession, conn: Conn) -> Citizen:
    """A citizen, who sees own data only; whose browser shows somebody else's goes back first (``behalf``)."""
    if not isinstance(who, Citizen):
        deny(conn, who, None, request=request, problem=forbidden())
    if session.acting_by is not None:
        raise ActingForAnother
    return who


def fresh(request: Request, me: Annotated[Citizen, Depends(citizen)], session: AnySession) -> Citizen:
    """A citizen who proved who they are within ten minutes: for what can't be undone or takes everything along."""
    if not session.fresh:
        raise SignInAgain(request)
    return me


def nurse(request: Request, who: SignedIn, conn: Conn) -> NurseOnDuty:
    """A 保健師, who sees the people of her town."""
    if not isinstance(who, NurseOnDuty):
        deny(conn, who, None, request=request, problem=forbidden())
    return who


def desk(request: Request, nurse: Annotated[NurseOnDuty, Depends(nurse)], conn: Conn) -> NurseOnDuty:
    """A 保健師 of the town itself: papers and emergencies are hers, not of a facility that works for the town."""
    if nurse.facility:
        deny(conn, nurse, None, request=request, problem=forbidden())
    return nurse


def supervisor(request: Request, nurse: Annotated[NurseOnDuty, Depends(desk)], conn: Conn) -> NurseOnDuty:
    """A 保健師 who answers for the others of her town: sees which emergencies they opened."""
    if not nurse.supervises:
        deny(conn, nurse, None, request=request, problem=forbidden())
    return nurse


def half_signed_in(request: Request, session: AnySession, conn: Conn) -> NurseOnDuty:
    """A 保健師 who may not have shown the second factor yet: for the pages where she does, and no others."""
    if not isinstance(session.who, NurseOnDuty):
        deny(conn, session.who, None, request=request, problem=forbidden())
    return session.who


def public(request: Request) -> None:
    """Everybody. Marks an endpoint that shows nothing personal."""
    if not _own_page(request):
        raise foreign_page()


Me = Annotated[Citizen, Depends(citizen)]
Fresh = Annotated[Citizen, Depends(fresh)]
Nurse = Annotated[NurseOnDuty, Depends(nurse)]
Desk = Annotated[NurseOnDuty, Depends(desk)]
Supervisor = Annotated[NurseOnDuty, Depends(supervisor)]
HalfSignedIn = Annotated[NurseOnDuty, Depends(half_signed_in)]
Public = Depends(public)


def second_factor_asked(request: Request) -> bool:
    """Whether staff need one here: everywhere but in the demo and where the city's directory asks for it."""
    settings = request.app.state.settings
    return bool(settings.staff_second_factor and not settings.embedded)


def look(
    conn: psycopg.Connection,
    who: Who | Behalf,
    person_id: int | None,
    *,
    items: str,
    purpose: str,
    request: Request,
    action: str = "read",
) -> None:
    """Write down that ``who`` saw (or changed) ``items`` of this person, in the request's transaction.

    ``items`` names kinds ('advice', 'readings: weight'), never values. ``purpose``: 'own' for one's own data. What it
    rests on stands in ``request.state.bases`` where ``reach`` or ``behalf`` let somebody in.
    """
    audit.note(
        conn,
        actor=who.actor,
        role=who.role,
        person_id=person_id,
        action=action,
        items=items,
        purpose=purpose,
        basis=getattr(request.state, "bases", {}).get(person_id, ""),
        waits=request.method not in ("GET", "HEAD") or action != "read" or request.app.state.settings.audit_waits,
        origin=origin(request),
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
        origin=origin(request),
    )
    conn.commit()
    problem.noted = True
    raise problem


def sign_in(
    conn: psycopg.Connection,
    request: Request,
    response: Response,
    *,
    person_id: int | None = None,
    staff_id: int | None = None,
    account_id: int | None = None,
    proved: timedelta | None = None,
) -> None:
    """Open a session and hand its token to the browser. A session that the browser had before is closed.

    ``proved``: how long ago they proved who they are; None when the provider did not say.
    """
    _close(conn, request)
    sessions.sweep(conn)  # whoever comes in takes the expired ones out
    label = browsers.label(request.headers.get("user-agent", ""))
    token = sessions.open(
        conn, person_id=person_id, staff_id=staff_id, account_id=account_id, proved=proved, label=label
    )
    who = sessions.who(conn, token)
    assert who is not None
    look(conn, who, person_id, items="session", purpose="own", request=request, action="sign_in")
    keep(request, response, COOKIE, token, life=sessions.TTL)


def keep(request: Request, response: Response, name: str, value: str, *, life: timedelta) -> None:
    """A cookie that no script and no other site's form can use."""
    secure = request.app.state.settings.public_url.startswith("https:")
    response.set_cookie(name, value, max_age=int(life.total_seconds()), httponly=True, samesite="lax", secure=secure)


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


def origin(request: Request) -> str:
    """The caller's network address, or nothing."""
    # behind a proxy this is what a header said: nothing but an address is written down
    try:
        return str(ip_address(request.client.host)) if request.client else ""
    except ValueError:
        return ""
