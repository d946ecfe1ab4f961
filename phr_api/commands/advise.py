"""`phr advise`: what the engine decided, looked at again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import psycopg
import typer

from advice_engine import choosing
from phr_api.commands import advise_explain, advise_personas, demo_database
from phr_api.commands.demo_database import Demo
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import console
from store import choices

app = typer.Typer(
    no_args_is_help=True,
    invoke_without_command=True,
    rich_markup_mode="markdown",
    help="What the advice engine decided.",
)
app.command("personas")(advise_personas.personas_page)


@app.callback()
def advise(
    context: typer.Context,
    *,
    person: Annotated[str, typer.Option(metavar="PUBLIC_ID", help="Whose advice.")] = "",
    explain: Annotated[
        bool, typer.Option("--explain", help="Facts as counts, rules, vetoes, chances, pushes.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    home: Demo = None,
) -> None:
    """What the advice engine decided. With --person … --explain: why somebody is told what they are told.

    No value and no name is shown. The look is written down, and the person sees it.
    Example: phr advise --person 0b5f… --explain
    """
    if context.invoked_subcommand:
        return
    if not person or not explain:
        raise Problem("phr advise needs --person PUBLIC_ID --explain, or a command (phr advise --help)")
    advise_explain.run(person, home, as_json=as_json)


@app.command()
def replay(
    days: Annotated[int, typer.Option(min=1, help="Choices of the last so many days.")] = 90,
    home: Demo = None,
) -> None:
    """Draw every logged choice again and compare bit for bit: the option, the chances, the digests.

    Shows only how many; ends with 1 when one does not come out again. Example: phr advise replay --days 30
    """
    with demo_database.existing(home) as url, psycopg.connect(url, application_name="phr-advise") as conn:
        models = choices.models(conn)
        made = choices.all_since(conn, datetime.now(UTC) - timedelta(days=days))
    different = [choice for choice in made if not choosing.replays(choice, models[choice.model_id])]
    console.print(f"{len(made)} choices drawn again, {len(different)} different")
    if different:
        raise Problem(f"{len(different)} logged choices do not come out again: the first on {different[0].day}")
