"""`phr rejections`: what could not be understood, looked at and read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import psycopg
import typer
from rich.progress import track

from ingest.replay import Replayed, replay
from phr_api.commands import demo_database, rejection_looks
from phr_api.commands.demo_database import Demo
from phr_api.commands.problem import Problem
from phr_api.commands.rejection_words import facts, moment, readable, table
from phr_api.commands.terminal import console
from store import rejections
from store.rejections import Filter

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What could not be understood: list, look, read again, dismiss.\n\nNothing that arrives is ever dropped: a"
    " payload that no format understands, or of a device that nobody registered, is kept whole with its reason. Mend"
    " the cause (a format, a registration), then `phr rejections replay`.",
)

Reason = Annotated[str | None, typer.Option(help="Only of this reason: unregistered_device, out_of_range, …")]
Device = Annotated[str | None, typer.Option(help="Only of this device (last level of the topic).")]
Gateway = Annotated[str | None, typer.Option(help="Only of this gateway.")]
Since = Annotated[str | None, typer.Option(help="Arrived since: 30m, 12h, 7d, 2026-11-01 or 2026-11-01T08:00.")]
Ids = Annotated[
    list[int] | None, typer.Argument(metavar="[ID]...", help="Numbers that `list` shows.", show_default=False)
]
Everything = Annotated[bool, typer.Option("--everything", help="Every open one.")]


@app.command("list")
def list_(
    *,
    reason: Reason = None,
    device: Device = None,
    gateway: Gateway = None,
    since: Since = None,
    open_: Annotated[bool, typer.Option("--open/--all", help="Open ones only, or closed ones too.")] = True,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 30,
    data: Demo = None,
) -> None:
    """Show what was refused, newest first. No health value is shown here.

    Examples:

      phr rejections list --reason unregistered_device --since 7d

      phr rejections list --gateway gw-001 --all
    """
    meant = _meant(reason, device, gateway, since, state="open" if open_ else None)
    with _connected(data) as conn:
        found = rejections.listing(conn, meant, limit=limit)
        counts = rejections.open_by_reason(conn)
    if found:
        console.print(table(found))
    told = ", ".join(f"{why} {count}" for why, count in counts.items()) or "none"
    console.print(f"{len(found)} shown; open in all: {told}", markup=False)


@app.command()
def show(
    rejection_id: Annotated[int, typer.Argument(metavar="ID", help="A number that `list` shows.")], data: Demo = None
) -> None:
    """Show one with the bytes that arrived.

    The bytes can hold health values of the person whose device it was. This look is written into the audit under
    your user name, and the person can read it there.
    """
    with _connected(data) as conn:
        found = rejections.by_id(conn, rejection_id)
        if found is None:
            raise Problem(f"there is no rejection {rejection_id}: `phr rejections list` shows them")
        rejection_looks.note_look(conn, found)
        conn.commit()
    for name, value in facts(found):
        console.print(f"{name:<10} {value}", markup=False)
    console.print(f"\n{len(found.raw)} bytes (this look is audited):", markup=False)
    console.print(readable(found.raw), markup=False)


@app.command("replay")
def replay_(
    *,
    rejection_ids: Ids = None,
    reason: Reason = None,
    device: Device = None,
    gateway: Gateway = None,
    since: Since = None,
    everything: Everything = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Try it, store nothing.")] = False,
    data: Demo = None,
) -> None:
    """Read open ones again, with today's formats and registrations and the time at which they arrived.

    What is understood now is stored, and the rejection is closed in the same transaction. What is not keeps its place
    and gets the new reason. Doing it twice changes nothing: a reading is stored once.

    Examples:

      phr rejections replay --reason unregistered_device --device scale-1 --dry-run

      phr rejections replay 17 18
    """
    meant = _meant(reason, device, gateway, since)
    with _connected(data) as conn:
        numbers = _chosen(conn, rejection_ids, meant, everything=everything)
        bar = track(numbers, "reading again", console=console, transient=True, disable=len(numbers) < 5)
        done = [_replay(conn, number, dry_run=dry_run) for number in bar]
        if not dry_run and any(one.became in ("stored", "refused") for one in done):
            rejection_looks.note(conn, None, "write")
            conn.commit()
    _tell(done, dry_run=dry_run)


@app.command()
def dismiss(
    *,
    rejection_ids: Ids = None,
    reason: Reason = None,
    device: Device = None,
    gateway: Gateway = None,
    since: Since = None,
    everything: Everything = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Demo = None,
) -> None:
    """Close what nobody needs (a test, noise of the radio). The bytes stay; it is written into the audit.

    Example:

      phr rejections dismiss --reason nothing_on_scale --since 7d
    """
    meant = _meant(reason, device, gateway, since)
    with _connected(data) as conn:
        numbers = _chosen(conn, rejection_ids, meant, everything=everything)
        if numbers and not yes:
            typer.confirm(f"close {len(numbers)} rejections unread?", abort=True)
        closed = sum(rejections.resolve(conn, number, "dismissed") for number in numbers)
        if closed:
            rejection_looks.note(conn, None, "write")
        conn.commit()
    console.print(f"{closed} dismissed")


@contextmanager
def _connected(data: Path | None) -> Iterator[psycopg.Connection]:
    with demo_database.existing(data) as url, psycopg.connect(url, application_name="phr-rejections") as conn:
        yield conn


def _meant(
    reason: str | None,
    device: str | None,
    gateway: str | None,
    since: str | None,
    *,
    state: Literal["open"] | None = "open",
) -> Filter:
    return Filter(reason=reason, device=device, gateway_id=gateway, since=moment(since), state=state)


def _chosen(conn: psycopg.Connection, given: Sequence[int] | None, meant: Filter, *, everything: bool) -> list[int]:
    """The numbers that are meant. Raises Problem: neither numbers nor a filter, or both."""
    filtered = meant != Filter(state="open")
    if bool(given) + filtered + everything != 1:
        raise Problem("say which: numbers, or --reason, --device, --gateway, --since, or --everything")
    return list(given) if given else rejections.numbers(conn, meant)


def _replay(conn: psycopg.Connection, number: int, *, dry_run: bool) -> Replayed:
    """Each in a transaction of its own: what is done is done, whatever becomes of the next."""
    done = replay(conn, number)
    conn.rollback() if dry_run else conn.commit()
    return done


def _tell(done: Sequence[Replayed], *, dry_run: bool) -> None:
    counts = Counter(one.became for one in done)
    rows = sum(one.readings for one in done if one.became == "stored")
    would = "would be " if dry_run else ""
    console.print(f"{counts['stored']} {would}understood ({rows} readings), {counts['refused']} {would}refused again")
    for reason, count in Counter(one.reason for one in done if one.became == "refused").most_common():
        console.print(f"  {reason}: {count}", markup=False)
    if counts["closed"]:
        console.print(f"{counts['closed']} closed before, or not there")
    if counts["file"]:
        console.print(f"{counts['file']} of record files: import the files again (phr import FILE), then dismiss these")
