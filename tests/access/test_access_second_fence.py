"""With the API's own decisions taken out (``access_open.py``), the database still denies every forbidden cell.

Denied is: the caller learns nothing of the subject that another cell of the matrix does not let them know, and nothing
of the subject is changed that another cell does not let them change. That something was at stake, and that nothing but
the database stood in the way, is shown by the same requests on a connection that row-level security does not bind.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import access_digest
import psycopg
import pytest
from access_open import Open, opened
from access_requests import Besides, Row, besides, rows, things, unshown
from access_world import SUBJECTS
from conftest import Copy, Town
from psycopg import sql
from test_access_matrix import call

# Who may come in without being known: the code, token or provider of the request says who they are.
ROWS = [row for row in rows() if row.expected["nobody"] == "401"]
BESIDES = besides()
LET_IN, UNTRIED = ("ok", "home"), ("ok", "-", "409")
# self asks for their own data, by whatever route; the reasons of the first 保健師's openings were written by herself
_HERSELF = {"self", "chief", "nurse", *SUBJECTS}


@dataclass(frozen=True)
class Outcome:
    """What the caller was told of the subject's, and in which tables something of the subject's changed."""

    told: frozenset[str]
    changed: frozenset[str]


class Held(psycopg.Connection):
    """A transaction that ends when the test says so."""

    def commit(self) -> None: ...


@dataclass
class Build:
    """The open application on two connections: ``fenced``, and one that row-level security does not bind."""

    town: Town
    out: Open
    fenced: psycopg.Connection
    unbound: psycopg.Connection
    before: dict[tuple[str, bool], dict[str, str]] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)

    def outcome(self, row: Row, role: str, conn: psycopg.Connection) -> Outcome:
        """Of this request, which leaves nothing behind."""
        named, relative = things(self.town.world, role), role == "family"
        before = self._before(named, relative)
        self.out.aim(named)
        self.out.conn = conn
        answer = call(self.town, row, role)
        assert self.out.refused == [], f"{role}: the API's own check is still there"
        shown = answer.text + " ".join(map(str, answer.headers.values()))
        told = _told(shown, named, () if role in _HERSELF else ("zqopened-own: 電話に出ない",))
        changed = _changed(conn, named, relative, before)
        conn.rollback()
        return Outcome(told, changed)

    def _before(self, named: dict[str, Any], relative: bool) -> dict[str, str]:
        key = (named["mark"], relative)
        if key not in self.before:
            self.before[key] = _digest(self.unbound, named, relative)
            self.unbound.rollback()
        return self.before[key]

    @cached_property
    def known(self) -> dict[str, Outcome]:
        """By role: what the matrix lets them know and change of the subject somewhere."""
        return {role: self._known(role) for role in ROWS[0].expected}

    def _known(self, role: str) -> Outcome:
        found = [
            (self.outcome(row, role, self.fenced), row.expected[role]) for row in ROWS if row.expected[role] in LET_IN
        ]
        told = {word for one, how in found for word in one.told if how == "ok" or "-own" not in word}
        return Outcome(frozenset(told), frozenset(table for one, how in found if how == "ok" for table in one.changed))


def _told(shown: str, named: dict[str, Any], more: tuple[str, ...]) -> frozenset[str]:
    """The subject's words in an answer, each with what follows it. Not the ids: they are in the requests."""
    mark, numbers = named["mark"], (named["until"], str(named["value"]), str(named["shared_value"]))
    words = "|".join(map(re.escape, [f"{mark}-home", f"%%EOF{mark}", *more, *numbers]))
    return frozenset(re.findall(rf"{words}|{mark}-own(?: [^\W\d_]{{1,3}})?", shown))


def _changed(conn: psycopg.Connection, named: dict[str, Any], relative: bool, before: dict[str, str]) -> frozenset[str]:
    if conn.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
        return frozenset()
    if conn.execute("select pg_current_xact_id_if_assigned() is null").fetchone() == (True,):
        return frozenset()
    login = conn.execute("select session_user").fetchone()
    assert login
    conn.execute(sql.SQL("set local role {}").format(sql.Identifier(login[0])))
    after = _digest(conn, named, relative)
    return frozenset(table for table in before if after[table] != before[table])


_MORE = """
select 'health.sources', md5(string_agg(label, '|' order by source_id)) from health.sources where source_id = any(%s)
 union all
select 'audit.openings', md5(string_agg(o::text, '|' order by opening_id)) from audit.openings as o
 where opening_id = %s or person_id = %s
"""


def _digest(conn: psycopg.Connection, named: dict[str, Any], relative: bool) -> dict[str, str]:
    """What stands there of the subject; for a relative without what the household shares."""
    own = access_digest.of_subject(conn, named["person_id"], None if relative else named["household"])
    labels = [named["cuff_source"]] if relative else [named["cuff_source"], named["scale_source"]]
    return own | dict(conn.execute(_MORE, (labels, named["opening"], named["person_id"])).fetchall())


@pytest.fixture(scope="module")
def build(copy: Copy) -> Iterator[Build]:
    with copy() as town, opened(town.app, town.world) as out:
        helpers = town.owner.execute("select person_id, proxy_id from health.entitlements order by entitlement_id desc")
        out.helpers = dict(helpers.fetchall())  # the first of each subject's
        uri, utc = town.owner.info.dsn, "-c timezone=UTC"
        with Held.connect(uri, options=f"{utc} -c role=phr_api") as fenced, Held.connect(uri, options=utc) as unbound:
            made = Build(town, out, fenced, unbound)
            yield made
            fenced.rollback()
            unbound.rollback()
    sys.stderr.write(f"\nsecond fence: {dict(made.count)}\n")


def _forbidden(row: Row) -> list[str]:
    """Programs in turn: to the database all of them are nobody, but where the living lab's ask for who takes part."""
    programs = ("clinic", "operator", "research", "lab")
    skipped = {"self", *programs} - {programs[ROWS.index(row) % len(programs)]}
    return [role for role, how in row.expected.items() if how not in UNTRIED and role not in skipped]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_database_denies_what_the_api_would_let_through(build: Build, row: Row) -> None:
    leaks = {}
    for role in _forbidden(row):
        found, known = build.outcome(row, role, build.fenced), build.known[role]
        own = {word for word in found.told if row.expected[role] != "home" or "-own" in word}
        beside = BESIDES.get((row.name, role), Besides((), frozenset()))
        words = {word.format_map(things(build.town.world, role)) for word in beside.words}
        leak = own - known.told - words, found.changed - known.changed - beside.tables
        build.count["cells"] += 1
        if any(leak):
            leaks[role] = leak
    assert leaks == {}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_with_neither_check_nor_fence_there_is_something_to_lose(build: Build, row: Row) -> None:
    """Asked by a citizen of another household, a 保健師 of another town, and who would be let in."""
    let_in = [role for role, how in row.expected.items() if how == "ok"]
    lost = [build.outcome(row, role, build.unbound) for role in ("other", "far", *let_in[:1])]
    at_stake = any(one.told or one.changed for one in lost)
    assert at_stake == (row.name not in unshown()), "say why in matrix.toml, [unshown]"
    build.count["cells with something to lose"] += len(_forbidden(row)) if at_stake else 0
