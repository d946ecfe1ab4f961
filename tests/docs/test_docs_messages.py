"""The picture of a message's life shows the moves that the database allows, and its page every state and reason."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "messages.md").read_text("utf-8")


def test_the_picture_shows_the_moves_that_the_database_allows(conn: psycopg.Connection) -> None:
    drawn = re.findall(r"^    (\w+) --> (\w+)$", PAGE, re.M)
    allowed = conn.execute("select was, becomes from health.delivery_moves").fetchall()
    assert sorted(drawn) == sorted(allowed)


def test_every_state_is_said_in_words() -> None:
    states = {state for move in re.findall(r"^    (\w+) --> (\w+)$", PAGE, re.M) for state in move}
    assert len(states) == 10 and states == set(re.findall(r"^\| `(\w+)` \| [a-z]", PAGE, re.M)) & states


def test_every_reason_of_a_dropped_message_stands_there() -> None:
    source = (Path(__file__).resolve().parents[2] / "advice_engine" / "picking.py").read_text("utf-8")
    said = set(re.findall(r'(?:, |return |else |= )"([a-z_]+)"', source)) | {"superseded", "no_address"}
    assert {"closed", "paused", "enough_this_week"} <= said
    assert [word for word in sorted(said) if f"`{word}`" not in PAGE] == []
