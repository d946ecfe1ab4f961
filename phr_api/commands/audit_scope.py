"""How the persons concerned are told: as a table, as CSV or as JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from rich.console import Console
from rich.table import Table

from phr_api.commands.problem import Problem
from store.clock import JST
from store.looks import Concerned

_COLUMNS = ("person", "kinds", "seen", "changed", "refused", "first", "last")


_ACTOR = re.compile(r"anonymous|staff:[0-9]+|person:(?P<public_id>[0-9A-Fa-f-]+)|(worker|operator|client|gateway):\S+")


def actor(said: str) -> str:
    """As the audit names them. Raises Problem: of a slip of the pen the answer would be that nobody is concerned."""
    found = _ACTOR.fullmatch(said)
    try:
        if found:
            return f"person:{UUID(found['public_id'])}" if found["public_id"] else said
    except ValueError:
        pass
    raise Problem(
        f"--who {said}: expected staff:12, person:<public id>, client:<id>, operator:<user>, worker:<name>, …"
    )


def period(since: datetime, until: datetime, now: datetime) -> None:
    """Raises Problem for a time in which nothing can have happened."""
    if not since < min(until, now):
        raise Problem("--when, --until: expected a time that has begun, and its end after its beginning")


def gone(since: datetime, kept: datetime | None) -> str:
    """What is said when the time asked for begins before what is ``kept``; else ""."""
    if kept is None or since >= kept:
        return ""
    return f"looks from before {kept:%Y-%m} were old enough to go: the answer does not hold them\n"


def kinds(items: Sequence[str]) -> list[str]:
    """The single kinds that the audit's rows name: 'page: advice, readings' are two."""
    words = (word.strip() for item in items for word in item.removeprefix("page:").replace(":", ",").split(","))
    return sorted({word for word in words if word})


def tell(found: Sequence[Concerned], form: str, console: Console) -> None:
    """Print them; moments are ISO 8601 in Japanese time."""
    rows = [_row(one) for one in found]
    if form == "json":
        console.out(json.dumps([dict(zip(_COLUMNS, row, strict=True)) for row in rows], ensure_ascii=False, indent=2))
    elif form == "csv":
        console.out(_csv(rows), end="")
    else:
        table = Table(*_COLUMNS, box=None)
        for row in rows:
            table.add_row(*map(_text, row))
        console.print(table)
        console.print(f"{sum(one.person_id is not None for one in found)} persons concerned")


def _row(one: Concerned) -> tuple[object, ...]:
    who = str(one.public_id) if one.public_id else "(nobody)" if one.person_id is None else f"(gone: {one.person_id})"
    return who, kinds(one.items), one.seen, one.changed, one.refused, _moment(one.first), _moment(one.last)


def _csv(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return text.getvalue()


def _text(cell: object) -> str:
    return " ".join(cell) if isinstance(cell, list) else str(cell)


def _moment(at: datetime) -> str:
    return at.astimezone(JST).isoformat(timespec="seconds")
