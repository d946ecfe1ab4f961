"""Is the audit what it was? Reads the whole chain and names every place where it is not what was sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import psycopg

from store import chain, sealer
from store.sealer import Head

ROWS = """
    select number, hash, (sealed_at at time zone 'UTC')::text, look_id, (at at time zone 'UTC')::text,
           actor, role, person_id, action, items, purpose, basis, allowed, origin
      from audit.sealed
"""
_START = "select last, hash from audit.retired order by last desc limit 1"
_FRESH = "select count(*), min(at) from audit.fresh"
_MOST = 20  # breaks that are looked into and named; the rest is counted
_PORTION = 5_000
Told = Callable[[int], None]  # how many more rows were read


@dataclass(frozen=True, slots=True)
class Row:
    """One sealed row as it stands now."""

    number: int
    hash: bytes
    content: tuple[object, ...]

    def follows(self, before: bytes) -> bool:
        """Whether it was sealed right after the row with this hash."""
        return chain.link(before, self.content) == self.hash


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain is not what was sealed. ``number`` is the row's; ``what`` says it in a sentence."""

    number: int
    kind: str  # 'changed', 'removed', 'inserted', 'moved', 'rewritten', 'cut'
    what: str


@dataclass(slots=True)
class Verdict:
    """What a reading of the whole chain found. ``fresh``: rows not sealed yet, which nothing protects so far."""

    first: int
    end: Head
    rows: int = 0
    broken: int = 0
    breaks: list[Break] = field(default_factory=list)
    fresh: int = 0
    fresh_since: datetime | None = None

    def tell(self, number: int, kind: str, what: str) -> None:
        """One more break: all are counted, the first ones named."""
        self.broken += 1
        if len(self.breaks) < _MOST:
            self.breaks.append(Break(number, kind, what))


def verify(
    conn: psycopg.Connection,
    kept: Mapping[int, bytes] | None = None,
    progress: Told = lambda rows: None,
) -> Verdict:
    """Read it all in one snapshot; to be the first in its transaction, which it makes read-only.

    ``kept``: hashes by number that somebody noted down where nobody could change them. ``progress`` is told every few
    thousand rows how many more were read.
    """
    conn.execute("set transaction isolation level repeatable read, read only")
    return read(conn, kept, progress)


def read(
    conn: psycopg.Connection,
    kept: Mapping[int, bytes] | None = None,
    progress: Told = lambda rows: None,
) -> Verdict:
    """The same with what the caller's own transaction sees."""
    conn.execute("set local datestyle = 'ISO'")
    began = conn.execute(_START).fetchone()
    last = Head(*began) if began else Head(0, chain.GENESIS)
    verdict = Verdict(first=last.number + 1, end=last)
    anchors = {number: [hash] for number, hash in conn.execute("select number, hash from audit.anchors")}
    for number, hash in (kept or {}).items():
        anchors.setdefault(number, []).append(hash)
    _walk(conn, verdict, anchors, progress)
    _check_end(conn, verdict, anchors)
    verdict.fresh, verdict.fresh_since = conn.execute(_FRESH).fetchone() or (0, None)
    return verdict


def count(conn: psycopg.Connection) -> int:
    """How many rows a reading should find."""
    row = conn.execute("select (select number from audit.head) - coalesce(max(last), 0) from audit.retired").fetchone()
    return int(row[0]) if row else 0


def _walk(
    conn: psycopg.Connection,
    verdict: Verdict,
    anchors: Mapping[int, list[bytes]],
    progress: Told,
) -> None:
    """From row to row; ``verdict.end`` is the last one, ``good`` the last anchor that was right."""
    good = verdict.first - 1
    for row in _rows(conn):
        if row.number > verdict.end.number + 1:
            verdict.tell(verdict.end.number + 1, "removed", _missing(verdict.end.number + 1, row.number - 1))
            verdict.end = Head(row.number, row.hash)  # what it should follow is not there to compare with
        elif row.follows(verdict.end.hash) and row.number > verdict.end.number:
            verdict.end = Head(row.number, row.hash)
        else:
            verdict.end = _broken(conn, verdict, row)
        if row.number in anchors:
            if any(hash != row.hash for hash in anchors[row.number]):
                verdict.tell(row.number, "rewritten", _anew(good + 1, row.number))
            good = row.number
        verdict.rows += 1
        if verdict.rows % _PORTION == 0:
            progress(_PORTION)
    progress(verdict.rows % _PORTION)


def _rows(conn: psycopg.Connection) -> Iterator[Row]:
    with conn.cursor(name="phr_verify") as cursor:
        cursor.itersize = _PORTION
        cursor.execute(f"{ROWS} order by number, sealed_at")
        for number, hash, *content in cursor:
            yield Row(number, hash, tuple(content))


def _broken(conn: psycopg.Connection, verdict: Verdict, row: Row) -> Head:
    """Name what is wrong with this row; gives the row that the next one should follow."""
    before, place = verdict.end, f"row {row.number} (look {row.content[1]})"
    if len(verdict.breaks) >= _MOST:
        verdict.tell(row.number, "changed", "")
        return Head(row.number, row.hash)
    after = _next(conn, row)
    twice = row.number == before.number or (after is not None and after.number == row.number)
    home = None if twice else _home(conn, row)
    if home is not None:
        verdict.tell(row.number, "moved", f"{place} was sealed after the row that is number {home} now: it was moved")
    elif row.number == before.number or (after is not None and after.follows(before.hash)):
        verdict.tell(row.number, "inserted", f"{place} was never sealed: it was put in")
        return Head(before.number if twice else row.number, before.hash)
    else:
        verdict.tell(
            row.number,
            "changed",
            f"{place} does not follow row {before.number} as it was sealed: one of the two was changed,"
            " or a row between them was taken out",
        )
    return Head(row.number, row.hash)


def _next(conn: psycopg.Connection, row: Row) -> Row | None:
    found = conn.execute(
        f"{ROWS} where (number, (sealed_at at time zone 'UTC')::text) > (%s, %s) and number >= %s"
        " order by number, sealed_at limit 1",
        (row.number, row.content[0], row.number),
    ).fetchone()
    return Row(found[0], found[1], tuple(found[2:])) if found else None


def _home(conn: psycopg.Connection, row: Row) -> int | None:
    """The number of a row after which this content was sealed: it bears that hash itself, or its old place does."""
    with conn.cursor(name="phr_home") as cursor:
        cursor.itersize = _PORTION
        cursor.execute("select number, hash from audit.sealed order by number, sealed_at")
        for (number, hash), (_, following) in pairwise((*cursor, (0, b""))):
            if chain.link(hash, row.content) in (row.hash, following):
                return int(number)
    return None


def _check_end(conn: psycopg.Connection, verdict: Verdict, anchors: Mapping[int, list[bytes]]) -> None:
    """The last row is the one that the sealer wrote last, and none that was noted down is missing after it."""
    end, head = verdict.end, sealer.head(conn)
    last = max([head.number, *anchors])
    if last > end.number:
        verdict.tell(end.number + 1, "cut", f"{_missing(end.number + 1, last)} at the end")
    elif head.number < end.number:
        verdict.tell(
            head.number + 1, "inserted", f"the sealer's last row was {head.number}: those after it were put in"
        )
    elif head.hash != end.hash and not verdict.broken:
        good = max((number for number in anchors if number < end.number), default=verdict.first - 1)
        verdict.tell(end.number, "rewritten", _anew(good + 1, end.number))


def _missing(first: int, last: int) -> str:
    return f"row {first} is missing" if first == last else f"rows {first} to {last} are missing"


def _anew(first: int, last: int) -> str:
    return (
        f"the hash of row {last} is not the one that was noted down: something in rows {first} to {last} was made anew"
    )
