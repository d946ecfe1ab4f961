"""`phr bench safety`: random people through all rules, the judge and the ranker; what may never happen is counted."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from advice_engine.run import rules
from advice_engine.safety_trials import COUNTED, Tally, trial
from phr_api.commands.terminal import aside

CHUNK = 250  # people in one piece of work
BAR = 0


def safety(
    people: Annotated[int, typer.Option(min=1, help="How many random people.")] = 100_000,
    processes: Annotated[int, typer.Option(min=1, help="That share the work. Default: one a core.")] = os.cpu_count()
    or 1,
    seed: Annotated[int, typer.Option(min=0, help="The first person's number; each number is one person.")] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="400 people: shows that it runs, proves little.")] = False,
) -> None:
    """Whether any of so many invented people is told what nobody may be told.

    Every age, illness, medicine, answer and gap, values at the lines and at the ends of what is plausible. Each person
    goes through all rules, the judge and the ranker's choice; a second, independent table says who must not be told
    what. JSON on stdout: each number beside its bar (0), rules that never spoke, seeds of the first examples.

    Example:

      phr bench safety --people 100000

    Exit code 1 when any number is above its bar or, from 100,000 people on, a rule never spoke.
    """
    people = 400 if quick else people
    begun = time.monotonic()
    tally = _all(people, processes, seed)
    found = report(tally) | {"seconds": round(time.monotonic() - begun, 1), "processes": processes, "seed": seed}
    typer.echo(json.dumps(found, ensure_ascii=False))
    if not found["held"]:
        raise typer.Exit(1)


def report(tally: Tally) -> dict[str, Any]:
    """Every number beside its bar."""
    numbers = {what: {"found": tally.found[what], "bar": BAR, "means": means} for what, means in COUNTED.items()}
    silent = sorted(rule.id for rule in rules() if not tally.spoke[rule.id])
    unseen = sorted(rule.id for rule in rules() if tally.spoke[rule.id] and not tally.shown[rule.id])
    clean = not any(tally.found.values())
    return {
        "people": tally.people,
        "rules": len(rules()),
        "texts": tally.texts,
        "choices": tally.choices,
        "reordered": tally.reordered,
        "numbers": numbers,
        "never_spoke": silent,
        "spoke_but_never_shown": unseen,
        "examples": tally.examples,
        "held": clean and not (silent and tally.people >= 100_000),
    }


def _all(people: int, processes: int, seed: int) -> Tally:
    tally = Tally()
    pieces = [range(start, min(start + CHUNK, seed + people)) for start in range(seed, seed + people, CHUNK)]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=aside) as bar, ProcessPoolExecutor(processes) as pool:
        task = bar.add_task("people", total=people)
        for one in pool.map(trial, pieces):
            tally.add(one)
            bar.advance(task, one.people)
    return tally
