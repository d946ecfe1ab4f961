"""`phr rejections`: list, show, replay, dismiss."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from devices import payloads
from phr_api.cli import app
from phr_api.commands.problem import Problem
from phr_api.commands.rejection_words import moment, readable
from store import gateways, households, people, registrations, rejections
from store.model import Rejection

NOW = datetime.now(UTC).replace(microsecond=0)
WEIGHT = payloads.phr_readings([("weight", 61.25, "kg", NOW - timedelta(hours=1))])


@pytest.fixture
def phr(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PHR_DATABASE_URL", database)
    monkeypatch.setenv("LOGNAME", "sakata-op")

    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, ["rejections", *words], input=typed)

    return run


@pytest.fixture
def person(conn: psycopg.Connection) -> int:
    gateways.add(conn, "gw-1", "any")
    return people.add(conn, birth_date=date(1950, 1, 1), sex="female", name="鶴岡 みね").person_id


@pytest.fixture
def kept(conn: psycopg.Connection, person: int) -> None:
    """1 to 3 of gw-1 (unregistered, unregistered eight days ago, noise), 4 a file's."""
    old = NOW - timedelta(days=8)
    rejections.add(
        conn,
        [
            Rejection("phr/v1/gw-1/phone", "unregistered_device", "register it", WEIGHT, NOW, "gw-1", "phone"),
            Rejection("phr/v1/gw-1/phone", "unregistered_device", "register it", WEIGHT, old, "gw-1", "phone"),
            Rejection("phr/v1/gw-1/scale", "wrong_length", "13 bytes", b"\x00\xffab", NOW, "gw-1", "scale"),
            Rejection("bundle.json", "not_json", "", b"{", NOW),
        ],
    )


def register(conn: psycopg.Connection, person: int) -> None:
    since = NOW - timedelta(days=2)
    registrations.add(
        conn, gateway_id="gw-1", device="phone", model="phr_readings", label="x", person_id=person, valid_from=since
    )


def looks(conn: psycopg.Connection) -> list[tuple[object, ...]]:
    return conn.execute("select actor, role, person_id, action, items from audit.looks order by look_id").fetchall()


def test_the_list_filters_counts_and_shows_no_value(phr, kept: None) -> None:
    everything = phr("list")
    assert everything.exit_code == 0 and "4 shown" in everything.output
    assert "unregistered_device 2" in everything.output and "61.25" not in everything.output
    assert "2 shown" in phr("list", "--reason", "unregistered_device").output
    assert "1 shown" in phr("list", "--device", "phone", "--since", "7d").output
    assert "3 shown" in phr("list", "--gateway", "gw-1").output
    phr("dismiss", "3", "--yes")
    assert "3 shown" in phr("list").output and "4 shown" in phr("list", "--all").output


def test_a_look_at_the_bytes_is_audited_for_whoever_may_have_measured_them(
    phr, kept: None, conn: psycopg.Connection, person: int
) -> None:
    register(conn, person)
    shown = phr("show", "1")
    assert '"value": 61.25' in shown.output and "this look is audited" in shown.output
    assert "00 ff 61 62" in phr("show", "3").output
    assert looks(conn) == [
        ("operator:sakata-op", "operator", person, "read", "rejections"),
        ("operator:sakata-op", "operator", None, "read", "rejections"),
    ]
    assert phr("show", "99").exit_code == 1


def test_a_look_at_a_device_that_nobody_registered_is_audited_for_the_household_that_heard_it(
    phr, kept: None, conn: psycopg.Connection, person: int
) -> None:
    home = households.add(conn)
    households.join(conn, home, person)
    conn.execute("update health.gateways set household_id = %s", (home,))
    phr("show", "1")
    assert looks(conn) == [("operator:sakata-op", "operator", person, "read", "rejections")]


def test_a_rehearsal_says_what_would_be_and_the_replay_does_it_once(
    phr, kept: None, conn: psycopg.Connection, person: int
) -> None:
    register(conn, person)
    rehearsed = phr("replay", "--reason", "unregistered_device", "--dry-run")
    assert "1 would be understood (1 readings), 1 would be refused again" in rehearsed.output
    assert conn.execute("select count(*) from health.readings").fetchone() == (0,)
    done = phr("replay", "--reason", "unregistered_device")
    assert "1 understood (1 readings), 1 refused again" in done.output and "unregistered_device: 1" in done.output
    assert "0 understood (0 readings), 1 refused again" in phr("replay", "--reason", "unregistered_device").output
    assert "1 closed before" in phr("replay", "1").output
    assert conn.execute("select person_id, value from health.readings").fetchall() == [(person, 61.25)]
    assert len(looks(conn)) == 2  # the two that did something, not the rehearsal
    assert "import the files again" in phr("replay", "4").output
    assert set(looks(conn)) == {("operator:sakata-op", "operator", None, "write", "rejections")}


def test_without_saying_which_nothing_is_replayed_or_dismissed(phr, kept: None, conn: psycopg.Connection) -> None:
    for words in (("replay",), ("dismiss", "--yes"), ("replay", "1", "--device", "phone"), ("replay", "--since", "x")):
        refused = phr(*words)
        assert refused.exit_code == 1, words
    assert sum(rejections.open_by_reason(conn).values()) == 4


def test_dismissing_asks_first_keeps_the_bytes_and_is_audited(phr, kept: None, conn: psycopg.Connection) -> None:
    assert phr("dismiss", "--everything", typed="n\n").exit_code == 1
    assert sum(rejections.open_by_reason(conn).values()) == 4
    assert "4 dismissed" in phr("dismiss", "--everything", typed="y\n").output
    assert rejections.open_by_reason(conn) == {}
    assert [bytes(one.raw) for one in rejections.listing(conn, limit=9)] == [b"{", b"\x00\xffab", WEIGHT, WEIGHT]
    assert looks(conn) == [("operator:sakata-op", "operator", None, "write", "rejections")]


def test_the_help_teaches(phr) -> None:
    said = re.sub(r"[\s│]+", " ", phr("--help").output + phr("show", "--help").output + phr("replay", "--help").output)
    for words in (
        "Nothing that arrives is ever dropped",
        "written into the audit",
        "--dry-run",
        "a reading is stored once",
    ):
        assert words in said


def test_a_span_of_time_is_said_as_people_say_it() -> None:
    assert moment(None) is None
    assert abs((moment("12h") or NOW) - (datetime.now(UTC) - timedelta(hours=12))) < timedelta(seconds=5)
    assert moment("2026-11-01") == datetime(2026, 10, 31, 15, tzinfo=UTC)  # a day of Japan
    assert moment("2026-11-01T08:00Z") == datetime(2026, 11, 1, 8, tzinfo=UTC)
    with pytest.raises(Problem, match="expected 30m"):
        moment("yesterday")


def test_bytes_are_shown_whatever_they_are() -> None:
    assert readable(b"[" * 100_000).count("\n") == 6249
    assert readable(bytes(range(16))).startswith("00000000  00 01 02")
    assert readable(b"") == ""
    assert readable('{"a": "体重\x9b2J\u202e"}'.encode()) == '{\n  "a": "体重�2J�"\n}'
