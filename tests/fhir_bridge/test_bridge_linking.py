"""A number tied to the wrong person is untied again, and it is as if it had never been tied."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from citizens import Citizen, readings, shown
from invented_bundles import answer, document, number, patient, raw
from psycopg_pool import ConnectionPool

from fhir_bridge.__main__ import mend_links, watch
from fhir_bridge.importing import import_bytes
from ingest import days
from store import correction_requests, identifiers, links, looks, mending, reaching, staff
from store.links import NewLink
from store.pool import open_pool
from store.sessions import NurseOnDuty

X, Y, Z = (("urn:oid:1.2.392.100495.20.3.51.10611234567", f"00{mark}") for mark in "123")
WEIGHT, SMOKES = "9N006000000000001", "9N736000000000011"
BORN = date(1960, 2, 3)


@pytest.fixture
def nurse(conn: psycopg.Connection) -> NurseOnDuty:
    made = staff.add(conn, name="保健 しおり")
    return NurseOnDuty(made.staff_id, made.name, made.town)


@dataclass
class Desk:
    """The counter in the API's own role, and the bridge's worker in its own."""

    doors: ConnectionPool
    bridge: ConnectionPool
    nurse: NurseOnDuty

    @contextmanager
    def asking(self) -> Iterator[psycopg.Connection]:
        with self.doors.connection() as conn:
            reaching.begin(conn, self.nurse)
            yield conn

    def link(self, person: int, named: tuple[str, str], since: date | None = None, until: date | None = None) -> str:
        with self.asking() as conn:
            new = NewLink(kind="facility", system=named[0], value=named[1], evidence="診察券", since=since, until=until)
            return links.link(conn, person, new)

    def undo(self, person: int) -> int | None:
        """The newest link of this person that stands."""
        with self.asking() as conn:
            newest = next(one for one in links.of_person(conn, person) if one.undone_at is None)
            return links.undo(conn, newest.identifier_id, "診察券の読みちがい")

    def mend(self) -> int:
        return mend_links(self.bridge, datetime.now(UTC))


@pytest.fixture
def desk(database: str, nurse: NurseOnDuty) -> Iterator[Desk]:
    with open_pool(database, role="phr_api") as doors, open_pool(database, size=1, role="phr_bridge") as bridge:
        yield Desk(doors, bridge, nurse)


@pytest.fixture
def newcomer(move_in: Callable[..., Citizen]) -> Callable[..., Citizen]:
    """Somebody who has a number of their own that no file names, and agreed to everything."""

    def one(mark: str, birth: str = "1960-02-03") -> Citizen:
        made = move_in(("urn:nobody", mark), birth=birth)
        made.agrees()
        return made

    return one


def checkup(which: int, *named: tuple[str, str], weight: float = 61.0, stated: str = "2026-06-20") -> dict[str, Any]:
    """Numbered; its items are of the first days of June."""
    day = f"2026-06-{which:02}"
    items = [number(WEIGHT, weight, "kg", effectiveDateTime=day), answer(SMOKES, "1", effectiveDateTime=day)]
    return document(patient(*named), *items, number=str(which), stated=stated)


_ROWS = (
    "select person_id, kind, identifier, title, at, stated_at, born from health.documents order by 1, 3",
    "select r.person_id, d.identifier, r.key, r.kind, r.at, r.title, r.value, r.value_text, r.consent_id, r.withdrawn"
    " from health.records as r left join health.documents as d using (document_id) order by r.person_id, r.key",
    "select person_id, metric, at, source_id, value from health.readings order by 1, 2, 3, 4",
    "select person_id, metric, at, value from health.last_values order by 1, 2",
    "select person_id, day, metric, n, mean, last from health.days order by 1, 2, 3",
    "select person_id, record_id from health.shown_records where held_for is not null",
)


def state(conn: psycopg.Connection) -> list[list[tuple[Any, ...]]]:
    """What is known of everybody, numbers that are counted up left out."""
    return [conn.execute(query.encode()).fetchall() for query in _ROWS]


def figures(database: str) -> None:
    with open_pool(database, size=1) as pool:
        while days.work_once(pool):
            pass


def test_what_came_in_by_a_wrong_link_leaves_as_if_it_had_never_been(
    conn: psycopg.Connection, database: str, desk: Desk, newcomer: Callable[..., Citizen], take: Callable[..., Any]
) -> None:
    wrong, own = newcomer("w"), ("urn:own", "7")
    identifiers.add(conn, wrong.person_id, *own)
    take(checkup(9, own, weight=70.0))
    figures(database)
    before = state(conn)
    assert desk.link(wrong.person_id, X) == "linked"
    for which in (1, 2, 3):
        take(checkup(which, X))
    figures(database)
    assert len(shown(conn, wrong)) == 8 and len(state(conn)[2]) > len(before[2])
    assert desk.undo(wrong.person_id) == wrong.person_id
    assert len(shown(conn, wrong)) == 2  # dark at once, before any worker comes
    assert desk.mend() == 1 and desk.mend() == 0
    figures(database)
    assert state(conn) == before
    actors = [(one.actor, one.purpose) for one in looks.of_person(conn, wrong.person_id)]
    assert ("worker:bridge", "mending") in actors


def test_what_came_in_goes_to_whom_the_number_means_and_under_their_consent(
    conn: psycopg.Connection, desk: Desk, newcomer: Callable[..., Citizen],
    move_in: Callable[..., Citizen], take: Callable[..., Any],
) -> None:  # fmt: skip
    wrong, right, silent = newcomer("w"), newcomer("r"), move_in(("urn:nobody", "s"))
    desk.link(wrong.person_id, X)
    take(checkup(1, X))
    desk.undo(wrong.person_id)
    assert desk.link(right.person_id, X) == "linked"
    desk.mend()
    assert (len(shown(conn, wrong)), len(shown(conn, right))) == (0, 2)
    assert readings(conn, right.person_id) == {"checkup_weight": 61.0} and readings(conn, wrong.person_id) == {}
    [(consent,)] = conn.execute("select distinct consent_id from health.records").fetchall()
    assert conn.execute("select person_id from health.consents where consent_id = %s", (consent,)).fetchone() == (
        right.person_id,
    )
    desk.undo(right.person_id)
    desk.link(silent.person_id, X)
    desk.mend()
    assert state(conn)[0] == [] == state(conn)[1]  # who agreed to nothing gets nothing


def test_a_file_that_says_another_birthday_goes_to_nobody(
    conn: psycopg.Connection, desk: Desk, newcomer: Callable[..., Citizen], take: Callable[..., Any]
) -> None:
    wrong, younger = newcomer("w"), newcomer("y", "1970-01-01")
    desk.link(wrong.person_id, X)
    take(checkup(1, X))
    desk.undo(wrong.person_id)
    desk.link(younger.person_id, X)
    desk.mend()
    assert state(conn)[0] == []


def test_what_two_numbers_brought_stays_while_one_of_them_holds(
    conn: psycopg.Connection, desk: Desk, newcomer: Callable[..., Citizen], take: Callable[..., Any]
) -> None:
    she = newcomer("w")
    desk.link(she.person_id, Y)
    desk.link(she.person_id, X)
    take(checkup(1, X, Y))
    desk.undo(she.person_id)
    desk.mend()
    assert len(shown(conn, she)) == 2
    desk.undo(she.person_id)
    desk.mend()
    assert state(conn)[0] == []


def test_a_number_that_ended_still_finds_its_person_in_what_is_dated_before(
    conn: psycopg.Connection, desk: Desk, newcomer: Callable[..., Citizen], take: Callable[..., Any]
) -> None:
    former, later = newcomer("f"), newcomer("l")
    assert desk.link(former.person_id, X, until=date(2026, 6, 5)) == "linked"
    assert desk.link(later.person_id, X, since=date(2026, 6, 4)) == "taken"
    assert desk.link(later.person_id, X, since=date(2026, 6, 5)) == "linked"
    for which in (4, 5):
        take(checkup(which, X))
    assert (len(shown(conn, former)), len(shown(conn, later))) == (2, 2)


def test_what_is_dated_after_the_end_leaves_whoever_had_the_number_before(
    conn: psycopg.Connection, database: str, desk: Desk, newcomer: Callable[..., Citizen], take: Callable[..., Any]
) -> None:
    """The end is noted days after a file of the new holder came: as if it had been known in time."""
    former, later = newcomer("f"), newcomer("l")
    desk.link(former.person_id, X)
    for which in (4, 5, 6):
        take(checkup(which, X))
    figures(database)
    with desk.asking() as asking:
        [link] = [one for one in links.of_person(asking, former.person_id) if one.system == X[0]]
        assert links.end(asking, link.identifier_id, date(2026, 6, 5)) == former.person_id
    assert len(shown(conn, former)) == 2  # dark at once
    assert desk.link(later.person_id, X, since=date(2026, 6, 5)) == "linked"
    assert desk.mend() == 1 and desk.mend() == 0
    assert (len(shown(conn, former)), len(shown(conn, later))) == (2, 4)
    assert X in identifiers.of_person(conn, former.person_id)  # it was theirs until then
    figures(database)
    found = state(conn)
    for which in (4, 5, 6):
        take(checkup(which, X))
    assert state(conn) == found


def test_what_is_held_goes_to_nobody_whose_link_is_undone_meanwhile(
    conn: psycopg.Connection, desk: Desk, newcomer: Callable[..., Citizen], take: Callable[..., Any]
) -> None:
    first, second = newcomer("1"), newcomer("2")
    desk.link(first.person_id, X)
    take(checkup(1, X))
    desk.undo(first.person_id)
    desk.link(second.person_id, X)
    with desk.asking() as asking:
        wrong = next(one for one in links.of_person(asking, second.person_id) if one.system == X[0])
        links.undo(asking, wrong.identifier_id, "こちらも、まちがい")
        mending_it = threading.Thread(target=desk.mend)
        mending_it.start()
        mending_it.join(0.5)
        assert mending_it.is_alive()  # it waits for the undoing that is under way
    mending_it.join(30)
    desk.mend()
    assert state(conn)[0] == [] == state(conn)[1]


def test_a_correction_that_was_asked_of_anothers_record_is_answered(
    conn: psycopg.Connection, desk: Desk, newcomer: Callable[..., Citizen], take: Callable[..., Any]
) -> None:
    wrong = newcomer("w")
    desk.link(wrong.person_id, X)
    take(checkup(1, X))
    [(record_id,)] = conn.execute("select min(record_id) from health.records").fetchall()
    correction_requests.ask(conn, wrong.person_id, record_id, "わたしの健診ではありません")
    desk.undo(wrong.person_id)
    desk.mend()
    [asked] = correction_requests.of_person(conn, wrong.person_id)
    assert asked.record_id is None and asked.answered_at is not None and "取り除きました" in asked.answer


def test_a_file_that_came_before_its_link_is_taken_once_it_is_there(
    conn: psycopg.Connection, desk: Desk, newcomer: Callable[..., Citizen], tmp_path: Path
) -> None:
    wrong, right = newcomer("w"), newcomer("r")
    mend_links(desk.bridge, datetime.now(UTC))
    for which, named in ((1, X), (2, Y)):
        file = tmp_path / f"{which}.json"
        file.write_bytes(raw(checkup(which, named)))
        old = datetime.now(UTC) - timedelta(minutes=1)
        os.utime(file, (old.timestamp(), old.timestamp()))
    watch(desk.bridge, str(tmp_path))
    assert state(conn)[0] == []
    desk.link(wrong.person_id, X)
    mend_links(desk.bridge, datetime.now(UTC))
    watch(desk.bridge, str(tmp_path))
    assert len(shown(conn, wrong)) == 2
    desk.undo(wrong.person_id)
    mend_links(desk.bridge, datetime.now(UTC))
    desk.link(right.person_id, X)  # long after the worker let go of it: the file is read once more
    mend_links(desk.bridge, datetime.now(UTC))
    watch(desk.bridge, str(tmp_path))
    assert (len(shown(conn, wrong)), len(shown(conn, right))) == (0, 2)


def test_a_file_that_is_being_taken_while_its_link_is_undone_is_nobodys(
    conn: psycopg.Connection, database: str, desk: Desk, newcomer: Callable[..., Citizen]
) -> None:
    wrong = newcomer("w")
    desk.link(wrong.person_id, X)
    with psycopg.connect(database) as writer:
        assert import_bytes(writer, raw(checkup(1, X)), "one.json", datetime.now(UTC)).person_found
        undoing = threading.Thread(target=desk.undo, args=(wrong.person_id,))
        undoing.start()
        undoing.join(0.3)
        assert undoing.is_alive()  # it waits for the file that is under way
        writer.commit()
        undoing.join(30)
    desk.mend()
    assert state(conn)[0] == []


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happened_on_the_way_the_end_is_as_if_the_truth_had_been_known(
    conn: psycopg.Connection, desk: Desk, newcomer: Callable[..., Citizen], seed: int, take: Callable[..., Any],
) -> None:  # fmt: skip
    """Links to anybody, undone and made anew, files early, late and repeated; in the end the files are sent again."""
    chance = random.Random(seed)
    people = [newcomer(mark).person_id for mark in "abc"]
    truth = {named: chance.choice([*people, None]) for named in (X, Y, Z)}
    files = [
        checkup(which, chance.choice((X, Y, Z)), weight=50 + which, stated=f"2026-06-{chance.randint(20, 22)}")
        for which in range(1, 7)
    ]
    standing: dict[tuple[str, str], int] = {}
    for _ in range(14):
        if chance.random() < 0.5:
            take(chance.choice(files))
        else:
            _tied(conn, desk, standing, chance.choice((X, Y, Z)), to=chance.choice([*people, None]))
        if chance.random() < 0.4:
            desk.mend()
    for named, person in truth.items():
        _tied(conn, desk, standing, named, to=person)
    desk.mend()
    found = _all_taken(conn, chance.sample(files, len(files)), take)
    for table in ("records", "documents", "readings", "last_values"):  # as if nothing had ever been taken
        conn.execute(f"delete from health.{table}".encode())
    assert found == _all_taken(conn, files, take)
    assert {row[0] for row in found[0]} <= {person for person in truth.values() if person}


def _all_taken(conn: psycopg.Connection, files: list[dict[str, Any]], take: Callable[..., Any]) -> list[Any]:
    for one in files:
        take(one)
    return state(conn)


def _tied(
    conn: psycopg.Connection, desk: Desk, standing: dict[tuple[str, str], int], named: tuple[str, str],
    *, to: int | None,
) -> None:  # fmt: skip
    """The number means this person and nobody else, or nobody."""
    if standing.get(named) == to:
        return
    if named in standing:
        _undo(conn, desk, standing.pop(named), named)
    if to is not None:
        assert desk.link(to, named) == "linked"
        standing[named] = to


def _undo(conn: psycopg.Connection, desk: Desk, person: int, named: tuple[str, str]) -> None:
    [link] = identifiers.matches(conn, [named])
    assert link.person_id == person
    with desk.asking() as asking:
        assert links.undo(asking, link.link_id, "まちがい") == person


def test_of_two_who_link_one_number_at_once_one_wins(
    conn: psycopg.Connection, desk: Desk, newcomer: Callable[..., Citizen]
) -> None:
    people = [newcomer(mark).person_id for mark in "abcd"]
    with ThreadPoolExecutor(4) as both:
        said = list(both.map(lambda person: desk.link(person, X), people))
    assert sorted(said) == ["linked", "taken", "taken", "taken"]
    [match] = identifiers.matches(conn, [X])
    assert match.person_id == people[said.index("linked")]
    with desk.asking() as asking:
        assert len(links.conflicts(asking)) == 3


def test_a_conflict_is_settled_by_moving_the_number_or_leaving_it(
    conn: psycopg.Connection, desk: Desk, newcomer: Callable[..., Citizen], take: Callable[..., Any]
) -> None:
    wrong, right = newcomer("w"), newcomer("r")
    desk.link(wrong.person_id, X)
    take(checkup(1, X))
    assert desk.link(right.person_id, X) == "taken" == desk.link(right.person_id, X)
    with desk.asking() as asking:
        [conflict] = links.conflicts(asking)
        assert links.stays(asking, conflict.conflict_id, "staff:1") == right.person_id
    assert desk.link(right.person_id, X) == "taken"
    with desk.asking() as asking:
        [conflict] = links.conflicts(asking)
        assert links.move(asking, conflict.conflict_id, "保険者に電話で確かめた") == (wrong.person_id, right.person_id)
        assert links.conflicts(asking) == []
    desk.mend()
    assert (len(shown(conn, wrong)), len(shown(conn, right))) == (0, 2)
    assert identifiers.of_person(conn, wrong.person_id) == [("urn:nobody", "w")]
    assert mending.mend(conn, datetime.now(UTC)) is None


def test_the_counter_serves_people_of_its_own_town_alone(
    conn: psycopg.Connection, desk: Desk, newcomer: Callable[..., Citizen]
) -> None:
    away = newcomer("w")
    conn.execute("update health.people set town = '064611'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        desk.link(away.person_id, X)
    identifiers.add(conn, away.person_id, *X)
    [match] = identifiers.matches(conn, [X])
    with desk.asking() as asking:
        assert links.of_person(asking, away.person_id) == []
        assert links.undo(asking, match.link_id, "まちがい") is None
        assert links.end(asking, match.link_id, date(2026, 1, 1)) is None
