"""`phr audit`: is it what it was, who is concerned by what somebody did, and what to note down elsewhere."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import psycopg
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from phr_api.commands import audit_scope, demo_database
from phr_api.commands.demo_database import Demo
from phr_api.commands.operator import note
from phr_api.commands.problem import Problem
from phr_api.commands.rejection_words import moment
from phr_api.commands.terminal import aside, console
from store import looks, sealer, verifying
from store.verifying import Verdict

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Who looked at whose data: is the record of it whole, and whom did somebody's doings concern?\n\n"
    "Every look and every change is written down: who, as what, why, of whom. Each row carries a hash over itself"
    " and the row before, so nothing can be changed, taken out, put in or moved without being found. Once a day note"
    " down elsewhere what `phr audit anchor` prints (the sealer's log has it too): then not even the database's owner"
    " can make it all anew.",
)

_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-fA-F]{64})")


@app.command()
def verify(
    *,
    anchor: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER:HASH", help="What `anchor` printed on some day; may be repeated."),
    ] = None,
    data: Demo = None,
) -> None:
    """Read the whole chain and name the first row that is not what was sealed, and what is wrong with it.

    Rows of the last seconds may not be sealed yet: they are counted apart. A chain that was made anew by who rules the
    database is found with an anchor that you kept.

    Examples:

      phr audit verify

      phr audit verify --anchor 81234:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef

    Exit code 1 when anything is broken.
    """
    kept = dict(_anchor(text) for text in anchor or ())
    with _connected(data) as conn, _bar(verifying.count(conn)) as bar:
        conn.rollback()  # reading it begins a transaction of its own
        verdict = verifying.verify(conn, kept, bar)
    _tell(verdict)
    if verdict.broken:
        raise typer.Exit(1)


@app.command()
def anchor(data: Demo = None) -> None:
    """Print where the chain ends now, as NUMBER:HASH. Keep it where the database's owner can't reach it.

    On paper, in another organisation's mailbox, in a log that is only added to. `phr audit verify --anchor` compares.

    Example:

      phr audit anchor | mail -s "audit $(date -I)" auditor@city.example.jp
    """
    with _connected(data) as conn:
        typer.echo(sealer.head(conn).says)


@app.command()
def seal(data: Demo = None) -> None:
    """Seal now what is not sealed yet. The sealer (`python -m phr_api.sealing`) does it every two seconds by itself.

    Example:

      phr audit seal
    """
    done = 0
    with _connected(data) as conn:
        while sealed := sealer.seal(conn):
            conn.commit()
            done += sealed
    console.print(f"{done} sealed")


@app.command()
def scope(
    *,
    who: Annotated[list[str], typer.Option(help="As the audit names them: staff:12, person:<id>, operator:<user>, …")],
    when: Annotated[str, typer.Option(help="From: 30m, 12h, 7d, 2026-11-01 or 2026-11-01T08:00 (Japanese time).")],
    until: Annotated[str | None, typer.Option(help="To before this moment, likewise. Default: now.")] = None,
    form: Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="How it is told.")] = "table",
    data: Demo = None,
) -> None:
    """Whose data somebody saw, changed or tried to: for the report of a leak (個人情報保護法 68条).

    One line a person: the person's public id, which kinds, how often, from when to when. Names are not in it: who must
    tell the persons looks them up. This very question is written into the audit.

    Examples:

      phr audit scope --who staff:12 --when 2026-11-01 --until 2026-11-08

      phr audit scope --who person:0b6c… --who staff:12 --when 30d --format csv > concerned.csv
    """
    since = _at("--when", when)
    now = datetime.now(UTC)
    before = _at("--until", until) if until else now
    audit_scope.period(since, before, now)
    actors = [audit_scope.actor(said) for said in who]
    with _connected(data) as conn:
        found = list(looks.concerned(conn, actors, since, before))
        kept = sealer.kept_since(conn)
        note(conn, None, "read", items="looks")
        conn.commit()
    audit_scope.tell(found, form, console)
    aside.print(audit_scope.gone(since, kept), end="")


@contextmanager
def _connected(data: Path | None) -> Iterator[psycopg.Connection]:
    with (
        demo_database.existing(data) as url,
        psycopg.connect(url, application_name="phr-audit", options="-c timezone=UTC") as conn,
    ):
        yield conn


@contextmanager
def _bar(rows: int) -> Iterator[verifying.Told]:
    columns = ("reading the chain", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=aside, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=rows)
        yield lambda more: progress.advance(task, more)


def _at(option: str, said: str) -> datetime:
    try:
        found = moment(said)
    except (Problem, OverflowError):
        found = None
    if found is None:
        raise Problem(f"{option} {said}: expected 30m, 12h, 7d, 2026-11-01 or 2026-11-01T08:00")
    return found


def _anchor(text: str) -> tuple[int, bytes]:
    found = _ANCHOR.fullmatch(text.strip())
    if not found:
        raise Problem("--anchor: expected NUMBER:HASH as `phr audit anchor` prints it (64 hexadecimal digits)")
    return int(found[1]), bytes.fromhex(found[2])


def _tell(verdict: Verdict) -> None:
    first = verdict.first
    console.print(
        f"{verdict.rows} rows read ({first} to {verdict.end.number})" if verdict.rows else "nothing is sealed"
    )
    if first > 1:
        console.print(f"rows 1 to {first - 1} were old enough to go; the chain begins after them")
    if verdict.fresh:
        since = f"{verdict.fresh_since:%Y-%m-%d %H:%M:%S} UTC" if verdict.fresh_since else "unknown"
        console.print(f"{verdict.fresh} not sealed yet, the oldest from {since}: nothing protects these so far")
    for one in verdict.breaks:
        console.print(f"{one.kind}: {one.what}", markup=False)
    if verdict.broken > len(verdict.breaks):
        console.print(f"and {verdict.broken - len(verdict.breaks)} more")
    console.print("BROKEN" if verdict.broken else f"whole; it ends with {verdict.end.says}", markup=False)
