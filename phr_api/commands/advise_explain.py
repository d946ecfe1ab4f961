"""`phr advise --person … --explain`: what is known of somebody, which rules spoke, why they are told what they are."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
from rich.table import Table

from advice_engine.explain import Explanation, explain
from phr_api.commands import demo_database, operator
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import console
from store import audit

_BECAUSE = {
    "own": "the person's own record weighs more than half",
    "town": "the town follows it more than each of the others, and that weighs more than half",
    "": "the best value, the floor or chance: nothing more can be said",
}


def run(public_id: str, home: Path | None, *, as_json: bool) -> None:
    """Print it. Reads only, but for the look: it is written down, and the person sees it on 「見た人の記録」."""
    with demo_database.existing(home) as url, psycopg.connect(url, application_name="phr-advise") as conn:
        person = _number(conn, public_id)
        _note(conn, person)
        conn.commit()
        conn.execute("set transaction read only")
        found = explain(conn, person, datetime.now(UTC))
        conn.rollback()
    if found is None:
        raise Problem("nobody has this public id")
    if as_json:
        console.print_json(json.dumps(asdict(found), ensure_ascii=False))
    else:
        show(found)


def show(found: Explanation) -> None:
    """Facts as counts and days, rules, vetoes, the ranker's options, what would ring."""
    _table("known", "how much, from when to when", found.facts)
    console.print(f"\nspoke: {', '.join(found.spoke) or 'no rule'}\nshown: {', '.join(found.shown) or 'nothing'}")
    _table("held", "why", found.held)
    _table("veto", "holds", {name: ", ".join(holds) for name, holds in found.vetoes.items()})
    _options(found)
    _table("new on the page", "rings", found.pushed)


def _options(found: Explanation) -> None:
    if not found.options:
        console.print(f"\nthe ranker does not choose: {found.unchosen}")
        return
    table = Table("option", "rule", "chance", "value", "done of tried", box=None)
    for one in found.options:
        tried = f"{one['done']:g} of {one['tried']:g}" if "tried" in one else ""
        table.add_row(one["family"], one["rule"] or "", f"{one['chance']:.3f}", f"{one['value']:.3f}", tried)
    console.print(table)
    console.print(f"taken: {found.chosen} ({_BECAUSE[found.because]}); model {found.model_id[:12]}")


def _table(first: str, second: str, rows: dict[str, str]) -> None:
    if rows:
        table = Table(first, second, box=None)
        for row in rows.items():
            table.add_row(*row)
        console.print(table)


def _number(conn: psycopg.Connection, public_id: str) -> int:
    try:
        row = conn.execute("select health.number_of(%s)", (UUID(public_id),)).fetchone()
    except ValueError:
        raise Problem("--person takes a public id, as 「わたしのデータ」 and the 保健師's page show it") from None
    if row is None or row[0] is None:
        raise Problem("nobody has this public id")
    return int(row[0])


def _note(conn: psycopg.Connection, person: int) -> None:
    audit.note(
        conn, actor=f"operator:{operator.user()}", role="operator", person_id=person, action="read", items="advice",
        purpose="enquiry",
    )  # fmt: skip
