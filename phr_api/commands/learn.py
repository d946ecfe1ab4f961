"""`phr learn`: what was learnt, its numbers beside their bars, and who lets it stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from advice_engine import local_refit
from phr_api.commands import (
    demo_database,
    learn_bars,
    learn_cohorts,
    learn_estimates,
    learn_gates,
    learn_nights,
    learn_ranker,
    learn_report,
    learn_risk,
    operator,
)
from phr_api.commands.demo_database import Demo
from phr_api.commands.learn_gates import To, show_rows, write
from phr_api.commands.learn_risk import PARTS, Evaluation
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import console
from store import models
from store.models import NotAllowed

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What was learnt from data: measure it, keep it, let it stand, take it back.",
)
for _measures in (
    learn_ranker.ranker,
    learn_estimates.estimates,
    learn_cohorts.cohorts,
    learn_bars.bars,
    learn_nights.nights,
):
    app.command()(_measures)
app.command()(learn_cohorts.districts)

Public = Annotated[
    Path, typer.Option("--data", metavar="DIR", help="The public data: NHANES people and the NDB's tables.")
]
_Number = Annotated[int, typer.Argument(metavar="MODEL", help="The model's number, as `phr learn list` shows it.")]
_By = Annotated[str, typer.Option(help="Who decided: name and post, for the register.")]


@app.command("list")
def listing(home: Demo = None) -> None:
    """The register: every model, what it is now, whether its gates held, who approved it."""
    rows = []
    with connected(home) as conn:
        for one in models.listing(conn):
            passed = sum(gate["passed"] is True for gate in one.gates)
            since = one.approved_at or one.shadow_since or one.created_at
            gates = f"{passed} of {len(one.gates)}"
            who = one.approver or ""
            rows.append(
                (str(one.model_id), one.learned_id, one.state, f"{since:%Y-%m-%d}", gates, who, one.sha256[:12])
            )
    show_rows(("model", "part", "state", "since", "gates", "approver", "sha256"), rows)


@app.command()
def evaluate(data: Public, to: To = None) -> None:
    """Fit the risk scores on public data and print every number beside its bar, met or not.

    Example: phr learn evaluate --data ../shared/data
    """
    found = [learn_risk.evaluate(data, part) for part in PARTS]
    for one in found:
        show(one)
    if to:
        write(to, [_plain(one) for one in found])


@app.command()
def train(
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Public data; without it what is shipped.")] = None,
    local: Annotated[bool, typer.Option("--local", help="Refit what stands on the town's own checkups.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the candidates here and touch no database.")] = None,
    home: Demo = None,
) -> None:
    """Keep candidates: the shipped ones, a new fit on public data, or a refit on the town's own checkups."""
    if local:
        with connected(home) as conn:
            for part in PARTS:
                console.print(local_refit.refit(conn, part, datetime.now(UTC), f"operator:{operator.user()}"))
            operator.note(conn, None, "read", items="checkups, as a sum for the refit of a score")
        return
    made = (
        [learn_risk.candidate(data, learn_risk.evaluate(data, part)) for part in PARTS]
        if data
        else [learn_risk.shipped(part) for part in PARTS]
    )
    if out:
        for new in made:
            (out / f"{new.learned_id}.json").write_text(learn_risk.written(new) + "\n", "utf-8")
        return
    with connected(home) as conn:
        for new in made:
            console.print(f"{new.learned_id}: model {models.add(conn, new, f'operator:{operator.user()}')}")
        operator.note(conn, None, "write", items="models")


@app.command()
def shadow(model: _Number, home: Demo = None) -> None:
    """Let a candidate score beside what stands, unseen, for two weeks at least."""
    with changing(home) as conn:
        models.shadow(conn, model, f"operator:{operator.user()}", datetime.now(UTC))
    console.print(f"model {model} scores in the shadow; it can be approved after {models.SHADOW.days} days")


@app.command()
def approve(model: _Number, by: _By, home: Demo = None) -> None:
    """Let a model stand: every gate passed, two weeks in the shadow, and this person's word."""
    with changing(home) as conn:
        models.approve(conn, model, by, datetime.now(UTC))
    console.print(f"model {model} stands")


@app.command()
def rollback(
    part: Annotated[str, typer.Argument(help="The learned part, as `phr learn list` names it.")],
    by: _By,
    reason: Annotated[str, typer.Option(help="Why, for the register.")],
    home: Demo = None,
) -> None:
    """Point at the model that stood before; without one, nothing is ordered by this part any more."""
    with changing(home) as conn:
        before = models.roll_back(conn, part, by, reason)
    console.print(f"model {before} stands again" if before else "no model stands now")


@app.command()
def report(data: Public, to: Annotated[Path, typer.Option(help="The page.")] = Path("learn.html")) -> None:
    """A page with calibration, metrics by cell and drift."""
    to.write_text(learn_report.page([learn_risk.evaluate(data, part) for part in PARTS], data), "utf-8")
    console.print(f"{to}")


def show(one: Evaluation) -> None:
    """One score's numbers; the bars first."""
    console.print(f"\n[bold]{one.learned_id}[/bold] {one.rows}")
    learn_gates.show(one.gates)
    show_rows(("group", "people", "events", "AUC", "Brier", "O/E"), learn_report.groups(one))


def _plain(one: Evaluation) -> dict[str, Any]:
    kept = asdict(one)
    return {name: kept[name] for name in ("learned_id", "rows", "gates", "groups", "bands", "cells")}


@contextmanager
def connected(home: Path | None) -> Iterator[psycopg.Connection]:
    """The database that is meant, as its owner; commits at the end of the block."""
    with demo_database.existing(home) as url, psycopg.connect(url, application_name="phr-learn") as conn:
        yield conn


@contextmanager
def changing(home: Path | None) -> Iterator[psycopg.Connection]:
    """``connected``, noted in the audit; what the register refuses becomes a sentence."""
    try:
        with connected(home) as conn:
            yield conn
            operator.note(conn, None, "write", items="models")
    except (NotAllowed, models.DamagedModel) as refused:
        raise Problem(str(refused)) from None
