"""How `phr learn` shows what was measured: each number beside its bar, met or not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from advice_engine.risk_refit import Gate
from phr_api.commands.terminal import console

HEAD = ("check", "measured", "bar", "")
Seed = Annotated[int, typer.Option(help="Of all random numbers.")]
To = Annotated[Path | None, typer.Option("--json", help="Write the numbers here, too.")]
_NO_BAR = "-"


def compared(name: str, measured: str) -> Gate:
    """A number that others are compared with; it has no bar of its own."""
    return Gate(name, measured, _NO_BAR, True)


def row(gate: Gate) -> tuple[str, str, str, str]:
    """What stands under ``HEAD``."""
    met = "met" if gate.passed else "NOT MET"
    return gate.name, gate.measured, gate.bar, "" if gate.bar == _NO_BAR else met


def show(found: Sequence[Gate], to: Path | None = None) -> None:
    """The numbers beside their bars, met or not; also as JSON."""
    show_rows(HEAD, map(row, found))
    if to:
        write(to, [asdict(gate) for gate in found])


def show_rows(head: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    table = Table(*head, box=None)
    for cells in rows:
        table.add_row(*cells)
    console.print(table)


def write(to: Path, plain: Sequence[dict[str, Any]]) -> None:
    to.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", "utf-8")
