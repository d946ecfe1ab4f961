"""`phr import`: record files into the database, as the bridge does it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import track
from rich.table import Column, Table

from fhir_bridge.importing import Report, import_file
from phr_api.commands import demo_database
from phr_api.commands.demo_database import Demo
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import console
from store.pool import open_pool


def import_(
    files: Annotated[list[Path], typer.Argument(help="健診結果報告書 or JP-CLINS bundles, as the facility sent them.")],
    data: Demo = None,
) -> None:
    """Import record files: matched to a person by identifier, under a consent in force.

    Importing the same file twice changes nothing. What can't be kept is named with its reason; what can't be read
    is kept as a rejection.

    Examples:

      phr import Bundle-eCheckupReport.json

      phr import --data /tmp/phr-demo records/*.json

    Exit code 1 when a file was refused or its person is not known.
    """
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise Problem(f"no such file: {', '.join(missing)}")
    with demo_database.existing(data) as url, open_pool(url, name="phr-import", role="phr_bridge") as pool:
        told = track(files, "importing", console=console, transient=True, disable=len(files) < 5)
        reports = [import_file(pool, file, datetime.now(UTC)) for file in told]
    console.print(_table(reports))
    for report in reports:
        _explain(report)
    if any(report.refused or not report.person_found for report in reports):
        raise typer.Exit(1)


def _table(reports: list[Report]) -> Table:
    names = ("person", "documents", "records", "readings", "as before", "not kept", "refused")
    table = Table(Column("file", no_wrap=True, min_width=24), *names, box=None)
    for report in reports:
        counts = (report.documents, report.records, report.readings, report.unchanged)
        left = (len(report.not_kept), len(report.refused))
        person = "known" if report.person_found else "not known"
        table.add_row(escape(Path(report.file).name), person, *map(str, (*counts, *left)))
    return table


def _explain(report: Report) -> None:
    """Every reason once, with how often."""
    for word, pairs in (("not kept", report.not_kept), ("refused", report.refused)):
        for (what, why), times in Counter(pairs).items():
            often = f" ({times} times)" if times > 1 else ""
            console.print(f"{word}: {what}: {why}{often}", markup=False)
