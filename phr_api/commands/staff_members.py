"""`phr accounts`: who works for the town, from the first day to the last."""

from __future__ import annotations

import re
from typing import Annotated

import typer
from rich.table import Table

from phr_api.commands import operator
from phr_api.commands.demo_database import Demo
from phr_api.commands.problem import Problem
from phr_api.commands.programs import connected
from phr_api.commands.terminal import console
from store import second_factors, staff

_Number = Annotated[int, typer.Argument(metavar="STAFF", help="The number of the member of staff.")]


def add(
    name: Annotated[str, typer.Argument(help="As citizens shall read it, where the city shows names.")],
    *,
    town: Annotated[str, typer.Option(help="Whose people they see: 全国地方公共団体コード, six digits.")] = "062049",
    facility: Annotated[
        str | None, typer.Option(help="Of this facility's staff (10 digits): they see who agreed to it, nobody else.")
    ] = None,
    facility_name: Annotated[str, typer.Option(help="As citizens read it, with --facility.")] = "",
    supervisor: Annotated[bool, typer.Option(help="Sees which emergencies the town's staff opened.")] = False,
    data: Demo = None,
) -> None:
    """A new 保健師. She can sign in once her account of the directory is tied (`link`).

    Example:

      phr accounts add-staff "庄内 みどり" --town 062049

      phr accounts add-staff "遊佐 ふたば" --town 064611 --facility 0611234567 --facility-name 遊佐診療所
    """
    if not re.fullmatch(r"\d{6}", town):
        raise Problem("--town: expected six digits (全国地方公共団体コード), Sakata is 062049")
    if facility is not None and (supervisor or not re.fullmatch(r"\d{10}", facility, re.ASCII)):
        raise Problem("--facility: expected ten digits, as consents name it, and no supervisor")
    if bool(facility) != bool(facility_name.strip()):
        raise Problem("--facility and --facility-name go together")
    with connected(data) as conn:
        made = staff.add(
            conn,
            name=name,
            town=town,
            role="supervisor" if supervisor else "nurse",
            facility=(facility, facility_name.strip()) if facility else None,
        )
        operator.note(conn, None, "write", items="staff")
    console.print(f"staff {made.staff_id}")


def listing(data: Demo = None) -> None:
    """Who works for the town now, with the numbers that the other commands take."""
    table = Table("number", "name", "role", "town", "facility", box=None)
    with connected(data) as conn:
        for one in staff.listing(conn):
            table.add_row(str(one.staff_id), one.name, one.role, one.town, one.facility_name or "")
        operator.note(conn, None, "read", items="staff")
    console.print(table)


def end(staff_id: _Number, data: Demo = None) -> None:
    """She left: sessions, accounts, second factor and open emergencies of hers end at once, for good.

    What she looked at and wrote stays, under her name. Who comes back is added anew.

    Example:

      phr accounts end-staff 3
    """
    with connected(data) as conn:
        if not staff.end(conn, staff_id, f"operator:{operator.user()}"):
            raise Problem(f"nobody with the number {staff_id} works here: `phr accounts staff` shows who does")
        operator.note(conn, None, "write", items="staff")
    console.print("ended; nobody signs in as them any more")


def forget_factor(staff_id: _Number, data: Demo = None) -> None:
    """Telephone and recovery codes are lost: the second factor is set up anew at the next sign-in.

    Make sure who asks: whoever has their password sets up the next one.
    """
    with connected(data) as conn:
        if not second_factors.forget(conn, staff_id):
            raise Problem(f"staff {staff_id} has no second factor")
        operator.note(conn, None, "write", items="second factor")
    console.print("forgotten; their sessions have ended")
