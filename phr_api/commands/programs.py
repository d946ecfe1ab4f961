"""The part of `phr accounts` that lets programs in: a clinic's, an operator's, each by a key of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, OctKey
from rich.table import Table

from phr_api.commands import demo_database, operator
from phr_api.commands.demo_database import Demo
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import console
from store import clients

_Name = Annotated[str, typer.Argument(metavar="CLIENT", help="The program's name, its client id.")]


def add(
    name: _Name,
    *,
    key: Annotated[Path, typer.Option(exists=True, help="File with the public key as JWK (RFC 7517), with a `kid`.")],
    facility: Annotated[
        str | None, typer.Option(help="A clinic's code, as consents name it. None: an operator.")
    ] = None,
    researcher: Annotated[bool, typer.Option(help="For the released statistics alone.")] = False,
    living_lab: Annotated[bool, typer.Option(help="For who takes part in the city's living lab.")] = False,
    label: Annotated[str, typer.Option(help="What it is.")] = "",
    data: Demo = None,
) -> None:
    """Let a clinic's program (with --facility), a researcher's, the living lab's or an operator's in, by its own key.

    Examples:

      phr accounts add-client nihonkai --facility 0612345 --key nihonkai.jwk.json

      phr accounts add-client watch --key watch.jwk.json

      phr accounts add-client tohoku-koeki --researcher --key koeki.jwk.json

      phr accounts add-client lab --living-lab --key lab.jwk.json
    """
    given = {"clinic": facility is not None, "researcher": researcher, "living_lab": living_lab}
    roles = [role for role, asked in given.items() if asked] or ["operator"]
    if len(roles) > 1:
        raise Problem("--facility, --researcher, --living-lab: one of these")
    with connected(data) as conn:
        kid, jwk = _public_key(key)
        try:
            clients.add(conn, name, role=roles[0], facility=facility, label=label)
        except psycopg.errors.UniqueViolation:
            raise Problem(f"{name} is there already: `phr accounts add-key` gives it another key") from None
        except psycopg.errors.CheckViolation:
            raise Problem("a name has small letters, digits, - and _, at least two") from None
        clients.add_key(conn, name, kid, jwk)
        operator.note(conn, None, "write", items="clients")
    console.print(f"{name} can sign in with key {kid}")


def add_key(name: _Name, key: Annotated[Path, typer.Argument(exists=True)], data: Demo = None) -> None:
    """Give a program another key beside the one it has, so that keys change without a gap."""
    with connected(data) as conn:
        kid, jwk = _public_key(key)
        try:
            clients.add_key(conn, name, kid, jwk)
        except psycopg.errors.ForeignKeyViolation:
            raise Problem(f"there is no program {name}: `phr accounts clients` shows them") from None
        except psycopg.errors.UniqueViolation:
            raise Problem(f"{name} has a key {kid} already: a new key needs a new kid") from None
        operator.note(conn, None, "write", items="clients")
    console.print(f"{name} can sign in with key {kid}, too")


def revoke(
    name: _Name,
    kid: Annotated[str | None, typer.Option(help="This key alone; without it the whole program.")] = None,
    data: Demo = None,
) -> None:
    """Shut a program or one of its keys out, with every token it holds."""
    with connected(data) as conn:
        if not (clients.revoke_key(conn, name, kid) if kid else clients.revoke(conn, name)):
            raise Problem(f"nothing to revoke under {name}: `phr accounts clients` shows what there is")
        operator.note(conn, None, "write", items="clients")
    console.print("out; its tokens have ended")


def listing(data: Demo = None) -> None:
    """The programs, what they are, and whether they are let in."""
    table = Table("name", "role", "facility", "label", "since", "out since", box=None)
    with connected(data) as conn:
        for one in clients.listing(conn):
            out = f"{one.revoked_at:%Y-%m-%d}" if one.revoked_at else ""
            table.add_row(one.client_id, one.role, one.facility, one.label, f"{one.created_at:%Y-%m-%d}", out)
    console.print(table)


@contextmanager
def connected(data: Path | None) -> Iterator[psycopg.Connection]:
    """The database that is meant, as its owner; commits at the end of the block."""
    with demo_database.existing(data) as url, psycopg.connect(url, application_name="phr-accounts") as conn:
        yield conn


def _public_key(file: Path) -> tuple[str, dict[str, object]]:
    """(kid, JWK). Raises Problem for anything but one public key of RSA or an elliptic curve."""
    try:
        jwk = json.loads(file.read_text("utf-8"))
        key = JWKRegistry.import_key(jwk)
    except (ValueError, JoseError, TypeError, OSError, KeyError):
        raise Problem(f"{file}: expected one key as JWK (RFC 7517)") from None
    if isinstance(key, OctKey) or key.is_private:
        raise Problem(f"{file}: this is a private key; give the public one, and keep this where it is")
    key.ensure_kid()
    return str(key.kid), dict(key.as_dict(private=False))
