"""`phr accounts`: who may sign in as whom, and which programs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import psycopg
import typer
from rich.table import Table

from phr_api.commands import operator, programs, staff_members
from phr_api.commands.demo_database import Demo
from phr_api.commands.problem import Problem
from phr_api.commands.programs import connected
from phr_api.commands.terminal import console
from store import accounts, people, staff

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Who may sign in as whom, and which programs.\n\nAn account of the city's providers opens nothing until"
    " somebody who checked who stood there ties it to one person or one member of staff. Every change is audited.",
)

_Person = Annotated[UUID | None, typer.Option(help="The citizen's public id.")]
_Staff = Annotated[int | None, typer.Option("--staff", help="The number of the member of staff.")]


@app.command()
def link(
    code: Annotated[str, typer.Argument(help="The number that the sign-in page shows to who is not tied yet.")],
    *,
    person: _Person = None,
    staff_id: _Staff = None,
    evidence: Annotated[str, typer.Option(help="How it was checked who it is, e.g. マイナンバーカード.")],
    data: Demo = None,
) -> None:
    """Tie the account whose holder was shown CODE to one person or one member of staff.

    Examples:

      phr accounts link 7K3M-9QTD-0F5W-2XHR --staff 3 --evidence "staff register, in person"

      phr accounts link 7K3M-9QTD-0F5W-2XHR --person 3f2c… --evidence マイナンバーカード
    """
    with connected(data) as conn:
        person_id = _chosen(conn, person, staff_id)
        if staff_id is not None and staff_id not in {one.staff_id for one in staff.listing(conn)}:
            raise Problem(f"staff {staff_id} has left: who comes back is added anew")
        found = accounts.redeem(conn, code)
        if found is None:
            raise Problem("this number is not good: mistyped, used or older than 14 days; sign in anew for another")
        try:
            accounts.link(
                conn,
                *found,
                evidence=evidence,
                linked_by=f"operator:{operator.user()}",
                person_id=person_id,
                staff_id=staff_id,
            )
        except accounts.TakenAccount:
            raise Problem("this account already names somebody: `phr accounts unlink` first") from None
        operator.note(conn, person_id, "write", items="accounts")
    console.print("tied; they can sign in now")


@app.command("list")
def list_(*, person: _Person = None, staff_id: _Staff = None, data: Demo = None) -> None:
    """Every account that was ever tied to a person or a member of staff, with its evidence.

    Example:

      phr accounts list --staff 3
    """
    table = Table("number", "issuer", "evidence", "by", "tied", "untied", box=None)
    with connected(data) as conn:
        person_id = _chosen(conn, person, staff_id)
        operator.note(conn, person_id, "read", items="accounts")
        for tie in accounts.of(conn, person_id=person_id, staff_id=staff_id):
            ended = f"{tie.unlinked_at:%Y-%m-%d}" if tie.unlinked_at else ""
            table.add_row(
                str(tie.account_id), tie.issuer, tie.evidence, tie.linked_by, f"{tie.linked_at:%Y-%m-%d}", ended
            )
    console.print(table)


@app.command()
def unlink(account: Annotated[int, typer.Argument(help="A number that `list` shows.")], data: Demo = None) -> None:
    """Untie an account: its sessions and apps end at once. Its row stays as evidence.

    Example:

      phr accounts unlink 17
    """
    with connected(data) as conn:
        if not accounts.unlink(conn, account, unlinked_by=f"operator:{operator.user()}"):
            raise Problem(f"there is no tied account {account}: `phr accounts list` shows them")
        operator.note(conn, None, "write", items="accounts")
    console.print("untied; its sessions have ended")


app.command("add-staff")(staff_members.add)
app.command("staff")(staff_members.listing)
app.command("end-staff")(staff_members.end)
app.command("forget-factor")(staff_members.forget_factor)
app.command("add-client")(programs.add)
app.command("add-key")(programs.add_key)
app.command("revoke")(programs.revoke)
app.command("clients")(programs.listing)


def _chosen(conn: psycopg.Connection, person: UUID | None, staff_id: int | None) -> int | None:
    """The inner id of the person, or None for staff. Raises Problem unless exactly one is named and there."""
    if (person is None) == (staff_id is None):
        raise Problem("say whose: a person's public id or a number of the staff")
    if staff_id is not None:
        if staff.by_id(conn, staff_id) is None:
            raise Problem(f"there is no staff {staff_id}")
        return None
    found = people.by_public_id(conn, person) if person else None
    if found is None:
        raise Problem("there is no person with this public id")
    return found.person_id
