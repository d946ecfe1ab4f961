"""The `phr` command: everything a newcomer or an operator types."""

from __future__ import annotations

from typing import Any

import psycopg
import typer
from typer.core import TyperGroup

from phr_api.commands import accounts, advise, audit, backup, bench, keys, learn, rejections, rights, try_
from phr_api.commands.import_ import import_
from phr_api.commands.migrate import migrate
from phr_api.commands.problem import Problem
from phr_api.commands.secrets import secrets
from phr_api.commands.simulate import simulate
from phr_api.commands.up import up
from store.migrations import ChangedMigration
from store.settings import BadSetting


class _Sentences(TyperGroup):
    """Turns what a command can't do into one sentence on stderr and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (Problem, BadSetting, ChangedMigration) as problem:
            typer.echo(f"phr: {problem}", err=True)
        except psycopg.OperationalError as fault:
            first = str(fault).strip().splitlines()[0] if str(fault).strip() else "no answer"
            typer.echo(f"phr: the database can't be reached ({first}); is it running?", err=True)
        raise typer.Exit(1)


app = typer.Typer(
    name="phr",
    cls=_Sentences,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
    help="A city's personal health record: devices and records in, personal advice out.\n\nStart with: phr up",
)
app.command()(up)
app.command()(migrate)
app.command()(secrets)
app.command()(simulate)
app.command("import")(import_)
app.command("import-export")(rights.import_export)
app.command("retention")(rights.retention_)
app.add_typer(try_.app, name="try")
app.add_typer(bench.app, name="bench")
app.add_typer(learn.app, name="learn")
app.add_typer(advise.app, name="advise")
app.add_typer(rejections.app, name="rejections")
app.add_typer(accounts.app, name="accounts")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(backup.app, name="backup")
app.add_typer(rights.app, name="rights")


def main() -> None:
    """Entry point of the console command."""
    app()


if __name__ == "__main__":
    main()
