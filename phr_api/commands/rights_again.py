"""`phr rights withdrawn` and `withdraw-again`: what people took back must not be in force again after a restore."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, cast
from uuid import UUID

import psycopg
import typer

from phr_api.commands import demo_database, operator
from phr_api.commands.demo_database import Demo
from phr_api.commands.problem import Problem
from store import people, taken_back
from store.taken_back import TakenBack


def withdrawn(
    days: Annotated[int, typer.Option(min=1, help="Of the last so many days: longer than backups are kept.")] = 400,
    data: Demo = None,
) -> None:
    """The consents that were withdrawn and the proxies that were ended (CSV), without names.

    Keep it beside the backups, newer than these: after a restore, `withdraw-again` reads it.

    Example:

      phr rights withdrawn > withdrawals.csv
    """
    with _connected(data) as conn:
        rows = taken_back.since(conn, datetime.now(UTC) - timedelta(days=days))
        operator.note(conn, None, "read", items="consents, entitlements")
        conn.commit()
    lines = csv.writer(sys.stdout)
    lines.writerow(("kind", "public_id", "of", "at"))
    lines.writerows((one.kind, one.public_id, one.of, one.at.isoformat()) for one in rows)


def withdraw_again(
    file: Annotated[Path, typer.Argument(help="What `phr rights withdrawn` wrote.")], data: Demo = None
) -> None:
    """After an older backup was restored: withdraw and end at once what had been withdrawn and ended since."""
    if not file.is_file():
        raise Problem(f"no such file: {file}")
    with file.open(newline="", encoding="utf-8") as opened:
        rows = [_row(row) for row in csv.DictReader(opened)]
    with _connected(data) as conn:
        done = sum(_again(conn, one) for one in rows)
        conn.commit()
    typer.echo(f"{done} consents and proxies ended")


def _again(conn: psycopg.Connection, one: TakenBack) -> int:
    person = people.by_public_id(conn, one.public_id)
    done = taken_back.again(conn, person.person_id, one) if person else 0
    if person and done:
        operator.note(conn, person.person_id, "write", items="consents" if one.kind == "consent" else "entitlements")
    return done


def _row(row: dict[str, str]) -> TakenBack:
    try:
        kind, at = row["kind"], datetime.fromisoformat(row["at"])
        if kind == "proxy":
            UUID(row["of"])
        elif kind != "consent" or row["of"].count(" ") != 1 or at.tzinfo is None:
            raise ValueError
        return TakenBack(cast(Literal["consent", "proxy"], kind), UUID(row["public_id"]), row["of"], at)
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Problem("a line of the file can't be read: it must be what `phr rights withdrawn` wrote") from None


@contextmanager
def _connected(data: Path | None) -> Iterator[psycopg.Connection]:
    with demo_database.existing(data) as url, psycopg.connect(url, application_name="phr-rights") as conn:
        yield conn
