"""A copy of everything and a deletion, as route and page ask for them: the person's own, or not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import IO
from uuid import UUID

import psycopg
from fastapi import Request
from fastapi.responses import StreamingResponse

from phr_api.doors import deny, look
from phr_api.problems import Problem, not_found
from store import deletion, exports
from store.deletion import Plan
from store.exports import Export
from store.sessions import Citizen

MOST_A_DAY = 5
_IN_MEMORY = 2_000_000  # bytes; a larger file waits on disk while it is sent


def ask(conn: psycopg.Connection, me: Citizen, request: Request) -> Export:
    """The copy under way, or a new one. Raises Problem (429) after ``MOST_A_DAY``."""
    look(conn, me, me.person_id, items="export", purpose="own", request=request, action="write")
    known = exports.of_person(conn, me.person_id)
    running = [one for one in known if one.state in ("waiting", "working")]
    lately = [one for one in known if one.asked_at > datetime.now(UTC) - timedelta(days=1)]
    if not running and len(lately) >= MOST_A_DAY:
        raise Problem(
            429,
            "きょうは、ここまでです",
            f"わたしのデータは、1日に{MOST_A_DAY}回まで作れます。あした、もう一度お試しください。"
            f" At most {MOST_A_DAY} copies a day.",
            headers={"Retry-After": "86400"},
        )
    return exports.ask(conn, me.person_id)


def mine(conn: psycopg.Connection, me: Citizen, export_id: UUID, request: Request) -> Export:
    """The caller's own copy. Raises Problem (404): somebody else's is not there, and the try is written down."""
    found = exports.mine(conn, me.person_id, export_id)
    if found is None:
        deny(conn, me, None, request=request, problem=not_found())
    return found


def file(conn: psycopg.Connection, me: Citizen, export_id: UUID, request: Request) -> StreamingResponse:
    """The caller's own file, taken out of the database before the transaction ends. Raises Problem: 404, 410."""
    found = mine(conn, me, export_id, request)
    look(conn, me, me.person_id, items="export", purpose="own", request=request)
    pieces = exports.pieces(conn, me.person_id, found.export_id)
    if pieces is None:
        raise Problem(
            410,
            "このファイルは、もうありません",
            "「わたしのデータ」の画面で、もう一度お申し込みください。 Gone or not ready: ask for a new one.",
        )
    kept = SpooledTemporaryFile(_IN_MEMORY, prefix="phr-copy-")  # noqa: SIM115 - closed by who sends it
    for piece in pieces:
        kept.write(piece)
    kept.seek(0)
    name = f"phr-export-{found.asked_at:%Y%m%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(found.bytes)}
    return StreamingResponse(_sent(kept), media_type="application/zip", headers=headers)


def _sent(kept: IO[bytes]) -> Iterator[bytes]:
    with kept:
        while piece := kept.read(256_000):
            yield piece


def plan_deletion(conn: psycopg.Connection, me: Citizen, request: Request) -> Plan:
    """The caller's deletion, planned for after the days in which it can be taken back."""
    look(conn, me, me.person_id, items="deletion", purpose="own", request=request, action="write")
    wait = timedelta(days=request.app.state.settings.deletion_wait_days)
    return deletion.ask(conn, me.person_id, by="self", wait=wait)


def keep_everything(conn: psycopg.Connection, me: Citizen, request: Request) -> None:
    """Take the deletion back, if one is planned. Raises Problem (409) when it has begun."""
    look(conn, me, me.person_id, items="deletion", purpose="own", request=request, action="write")
    try:
        deletion.take_back(conn, me.person_id)
    except deletion.Begun:
        raise Problem(
            409, "もう始まっています", "消去が始まったので、取りやめられません。 The deletion has begun."
        ) from None
