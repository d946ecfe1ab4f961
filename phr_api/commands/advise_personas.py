"""`phr advise personas`: the page of invented people, made anew by the engine as it is now."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.progress import Progress

from fhir_bridge.dry_run import what_it_would_become
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import aside
from phr_api.persona_page import page
from phr_api.persona_weeks import live
from phr_api.personas import Persona, personas
from store import embedded, migrations
from store.model import NotUnderstood
from store.pool import open_pool

PAGE = Path("docs/personas.md")
SAMPLE = "sample"  # the persona whose checkup is the published sample


def personas_page(
    sample: Annotated[Path, typer.Option(metavar="FILE", help="The published sample of a 健診結果報告書 (FHIR).")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the page is written.")] = PAGE,
) -> None:
    """Let the invented people live through twelve weeks and write what they were shown, told and spared.

    In a PostgreSQL of its own, gone afterwards; nothing is sent. Takes about half a minute.

    Example:

      phr advise personas --sample Bundle-eCheckupReport-Sample-01.json
    """
    begun = time.monotonic()
    people = everybody(sample)
    with (
        TemporaryDirectory(prefix="phr-personas-") as folder,
        embedded.server(Path(folder) / "pg") as server,
        Progress(console=aside) as bar,
    ):
        database = embedded.database(server, "personas")
        migrations.migrate(database)
        task = bar.add_task("days")
        with open_pool(database, name="phr-personas") as pool:
            lived = live(pool, people, lambda done, total: bar.update(task, completed=done, total=total))
    out.write_text(page(lived), "utf-8")
    aside.print(f"{out}: {len(lived)} people, {time.monotonic() - begun:.0f} s")


def everybody(sample: Path) -> tuple[Persona, ...]:
    """Everybody of the page, the sample's checkup read by the bridge."""
    examined = checkup(sample)
    return tuple(replace(one, examined=examined) if one.key == SAMPLE else one for one in personas())


def checkup(sample: Path) -> tuple[date, dict[str, float]]:
    """Day and values of a checkup report, as the bridge understands it. Raises Problem for a file that is none."""
    try:
        found = what_it_would_become(sample.read_bytes(), sample.name)
    except (OSError, NotUnderstood) as fault:
        raise Problem(f"{sample} can't be read as a checkup report: {fault}") from None
    document = found["document"]
    if not document or document["kind"] != "checkup" or not document["day"]:
        raise Problem(f"{sample} is no checkup report")
    values = {one["metric"]: one["value"] for one in found["records"] if one["metric"] and one["value"] is not None}
    return date.fromisoformat(document["day"]), values
