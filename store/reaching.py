"""Who asks, said to the database for the rest of the transaction: row-level security goes by it (sql/0008_reach.sql).

Nothing said, nothing seen. It holds for the role ``phr_api`` alone; the other roles are bound by their grants.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg

from store.sessions import Citizen, NurseOnDuty, Who

_SAY = """
select set_config('phr.role', %s, true), set_config('phr.person', %s, true), set_config('phr.staff', %s, true),
       set_config('phr.town', %s, true), set_config('phr.facility', %s, true), set_config('phr.patient', '', true),
       set_config('phr.moving', '', true), set_config('phr.ward', '', true), set_config('phr.served', '', true)
"""


def begin(conn: psycopg.Connection, who: Who, *, proven: bool = True) -> None:
    """From now on ``who`` asks, until the transaction ends. Who asked before is forgotten.

    Staff whose second factor is missing (not ``proven``) reach what is of their own signing in, and nobody's data.
    """
    person = str(who.person_id) if isinstance(who, Citizen) else ""
    duty = ("", "", "")
    if isinstance(who, NurseOnDuty) and proven:
        duty = (str(who.staff_id), who.town, who.facility or "")
    conn.execute(f"{_SAY}, set_config('phr.holder', %s, true)", (who.role, person, *duty, _holder(who)))


def hold(conn: psycopg.Connection, person_id: int) -> None:
    """Whoever asks showed a code or token of this person's app: sessions and apps of theirs are within reach."""
    conn.execute("select set_config('phr.holder', %s, true)", (f"person:{person_id}",))


def _holder(who: Who) -> str:
    """By which signing in goes (``sql/0012_signing_in_reach.sql``): of a citizen the inner id."""
    return f"person:{who.person_id}" if isinstance(who, Citizen) else who.actor


def as_person(conn: psycopg.Connection, person_id: int) -> None:
    """A citizen asks who is known by something else than a session: a gateway by the code that they asked for."""
    conn.execute(_SAY, ("citizen", str(person_id), "", "", ""))


def step_in(conn: psycopg.Connection, person_id: int) -> None:
    """Whoever asks acts for this person from now on, as if they had come themselves; whether they may, the database
    looks up. Who may not stays who they were.
    """
    conn.execute(f"{_SAY} where health.may_step_in(%s)", ("citizen", str(person_id), "", "", "", person_id))


def act_for(conn: psycopg.Connection, person_id: int) -> None:
    """Whoever asks does so for this person from now on: what their entitlement says is within reach, as it stands at
    each query, and nothing of their own.
    """
    conn.execute("select set_config('phr.ward', %s, true)", (str(person_id),))


def serve(conn: psycopg.Connection, person_id: int) -> None:
    """The 保健師 who asks serves this person at the counter, who showed a card; that they are of her town, the database
    looks up. What she may write for them there is within reach, and nobody else's.
    """
    conn.execute("select set_config('phr.served', %s, true)", (str(person_id),))


def turn_to(conn: psycopg.Connection, public_id: UUID) -> int | None:
    """The 保健師 who asks turns to this person: the inner id, also of one whom she may not see, or None.

    From now on the database shows her what she may see of them, as it stands at each query.
    """
    row = conn.execute(
        "select number from health.number_of(%s) as number,"
        " set_config('phr.patient', coalesce(number::text, ''), true)",
        (public_id,),
    ).fetchone()
    return row[0] if row else None


def as_operator(conn: psycopg.Connection) -> None:
    """Until the transaction ends it counts, and can do nothing else: the role changes, and with it all rights."""
    conn.execute("set local role phr_operator")


def as_researcher(conn: psycopg.Connection) -> None:
    """Until the transaction ends it reads statistics that were released, and can do nothing else."""
    conn.execute("set local role phr_statistics")


@contextmanager
def moving(conn: psycopg.Connection) -> Iterator[None]:
    """While numbers go from one member of a household to another, those of all its members are within reach."""
    conn.execute("select set_config('phr.moving', 'on', true)")
    yield
    conn.execute("select set_config('phr.moving', '', true)")
