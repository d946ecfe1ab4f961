"""`phr import-export`, `phr retention`, `phr rights …`: what people have a right to, at the command line."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Annotated
from uuid import UUID

import psycopg
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from phr_api import export_import
from phr_api.commands import demo_database, operator, rights_again
from phr_api.commands.demo_database import Demo
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import console
from store import consents, correction_requests, deletion, non_use, people, retention, settings
from store.pool import open_pool

app = typer.Typer(no_args_is_help=True, help="Requests for correction, deletions, and who was not here for long.")

app.command()(rights_again.withdrawn)
app.command("withdraw-again")(rights_again.withdraw_again)

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="A number that `phr rights requests` shows.")]


def import_export(
    file: Annotated[Path, typer.Argument(help="The ZIP archive of 「わたしのデータ」, or its export.json.")],
    keep_consents: Annotated[
        bool,
        typer.Option("--keep-consents", help="The same controller runs this installation: consents stay in force."),
    ] = False,
    data: Demo = None,
) -> None:
    """Take in a copy that a person brings from another installation.

    Readings, records, devices and consents come as history; day figures and advice are computed anew. The person
    has to agree anew before records are shown, and identifiers and sign-in have to be tied to them anew.

    Example:

      phr import-export phr-export-20261122.zip
    """
    if not file.is_file():
        raise Problem(f"no such file: {file}")
    try:
        copy = export_import.read(file)
        with _connected(data) as conn, Progress(*_COLUMNS, console=console, transient=True) as bars:
            task = bars.add_task("readings", total=None)
            report = export_import.take_in(
                conn,
                copy,
                keep_consents=keep_consents,
                tell=lambda done, total: bars.update(task, completed=done, total=total),
            )
            operator.note(conn, report.person_id, "import", items="export")
            conn.commit()
    except export_import.NotAnExport as fault:
        raise Problem(f"{fault}; nothing was taken in") from None
    table = Table("table", "rows", box=None)
    for name, rows in report.rows.items():
        table.add_row(name, str(rows))
    console.print(table)
    console.print(f"public id {copy.person.public_id}; {report.not_kept} readings left out (not known here)")


_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())


def retention_(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only, change nothing.")] = False, data: Demo = None
) -> None:
    """Let go of what nobody needs any more, as the settings say. The jobs worker does it four times a day.

    Example:

      phr retention --dry-run
    """
    given = settings.load()
    table = Table("what", "setting", "older than", "rows", box=None)
    with demo_database.existing(data) as url, open_pool(url, name="phr-retention") as pool:
        for rule in retention.RULES:
            period = retention.period(given, rule)
            if dry_run:
                with pool.connection() as conn:
                    rows = retention.over(conn, rule, period)
            else:
                rows = retention.carry_out(pool, rule, period, Event())
            variable = settings.variable(rule.setting) if rule.setting else ""
            table.add_row(rule.name, variable, f"{period.days} days" if rule.setting else "its end", str(rows))
    console.print(table)
    console.print("nothing was changed (--dry-run)" if dry_run else "done")


@app.command()
def requests(data: Demo = None) -> None:
    """Show what people ask facilities to put right and nobody has passed on yet."""
    with _connected(data) as conn:
        found = correction_requests.waiting(conn)
        operator.note(conn, None, "read", items="correction requests")
        conn.commit()
    table = Table("number", "asked", "facility", "in the person's words", box=None)
    for one in found:
        table.add_row(str(one.request_id), f"{one.asked_at:%Y-%m-%d}", one.facility, one.words)
    console.print(table if found else "none waits")


@app.command("passed-on")
def passed_on(number: Number, data: Demo = None) -> None:
    """The facility was told."""
    with _connected(data) as conn:
        if not correction_requests.passed_on(conn, number):
            raise Problem(f"no request {number} waits to be passed on")
        conn.commit()


@app.command()
def answered(
    number: Number,
    answer: Annotated[str, typer.Argument(help="What the facility says, in words for the person.")],
    data: Demo = None,
) -> None:
    """The facility has answered; the person reads it on their page."""
    with _connected(data) as conn:
        if not correction_requests.answered(conn, number, answer):
            raise Problem(f"there is no request {number}")
        conn.commit()


@app.command()
def unused(data: Demo = None) -> None:
    """Who was not here for long and was told so (CSV): the city writes a letter to these."""
    with _connected(data) as conn:
        rows = non_use.notices(conn)
    lines = csv.writer(sys.stdout)
    lines.writerow(non_use.Notice._fields)
    lines.writerows(rows)


@app.command()
def refused(data: Demo = None) -> None:
    """Who refuses provision under 次世代医療基盤法 now (CSV). A provision leaves these out, each time anew.

    Example:

      phr rights refused > refused.csv
    """
    with _connected(data) as conn:
        rows = consents.refused(conn)
        operator.note(conn, None, "read", items="consents")
        conn.commit()
    lines = csv.writer(sys.stdout)
    lines.writerow(("public_id", "since"))
    lines.writerows(rows)


@app.command()
def deleted(
    days: Annotated[int, typer.Option(min=1, help="Of the last so many days.")] = 400, data: Demo = None
) -> None:
    """The deletions that were carried out (CSV). Keep it beside the backups: after a restore, `delete-again` reads it.

    Example:

      phr rights deleted > deletions.csv
    """
    with _connected(data) as conn:
        rows = deletion.evidence(conn, datetime.now(UTC) - timedelta(days=days))
    lines = csv.writer(sys.stdout)
    lines.writerow(("public_id", "asked_at", "done_at", "rows"))
    lines.writerows((one.public_id, one.asked_at, one.done_at, sum(one.removed.values())) for one in rows)


@app.command("delete-again")
def delete_again(
    file: Annotated[Path, typer.Argument(help="What `phr rights deleted` wrote.")], data: Demo = None
) -> None:
    """After an older backup was restored: plan at once the deletion of everybody who had been deleted since."""
    if not file.is_file():
        raise Problem(f"no such file: {file}")
    with file.open(newline="", encoding="utf-8") as opened, _connected(data) as conn:
        planned = sum(_plan(conn, row.get("public_id", "")) for row in csv.DictReader(opened))
        conn.commit()
    console.print(f"{planned} deletions planned; the jobs worker carries them out within a quarter of an hour")


def _plan(conn: psycopg.Connection, public_id: str) -> bool:
    try:
        found = people.by_public_id(conn, UUID(public_id))
    except ValueError:
        raise Problem("a line of the file has no public id: it must be what `phr rights deleted` wrote") from None
    if found is None:
        return False
    deletion.ask(conn, found.person_id, by="restored", wait=timedelta())
    operator.note(conn, found.person_id, "write", items="deletion")
    return True


@contextmanager
def _connected(data: Path | None) -> Iterator[psycopg.Connection]:
    with demo_database.existing(data) as url, psycopg.connect(url, application_name="phr-rights") as conn:
        yield conn
