"""`docs/personas.md` is what the engine does today; its first week is lived again by every run of the tests."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from psycopg_pool import ConnectionPool

from advice_engine.words import forbidden_in
from phr_api.commands.advise_personas import checkup, everybody
from phr_api.commands.problem import Problem
from phr_api.persona_page import beginning
from phr_api.persona_weeks import live
from phr_api.personas import DAYS, START, figures, personas, pressures

PAGE = (Path(__file__).resolve().parents[2] / "docs/personas.md").read_text("utf-8")
SAMPLE = "interop/jp-echeckup/Bundle-Bundle-eCheckupReport-Sample-01.json"
AGAIN = "run `phr advise personas --sample FILE` again, read what changed, and commit the page"


def test_the_pages_first_week_is_what_the_engine_does_today(db: ConnectionPool, shared: Path) -> None:
    lived = live(db, everybody(shared / SAMPLE), days=7)
    assert len(lived) == 5 and all(len(one.seen) == 7 for one in lived)
    for one in lived:
        assert "\n".join(beginning(one, 1)) in PAGE, f"{one.persona.key}: {AGAIN}"
    assert sum(len(one.rang) for one in lived) >= 6


def test_the_page_names_every_persona_with_places_of_doubt() -> None:
    for one in personas():
        assert f"## {one.title}" in PAGE and one.doubts and all(doubt in PAGE for doubt in one.doubts), AGAIN
        assert set(one.answers) <= set(range(1, 13)) and all(1 <= event.day <= DAYS for event in one.events)


def test_no_card_on_the_page_holds_forbidden_wording() -> None:
    cards = [line for line in PAGE.splitlines() if line.startswith("- 新しく画面に: ")]
    assert len(cards) > 40
    assert [line for line in cards if forbidden_in(line)] == []


def test_an_invented_life_is_the_same_every_time_and_leaves_out_what_was_forgotten() -> None:
    b = next(one for one in personas() if one.key == "b")
    d = next(one for one in personas() if one.key == "d")
    assert figures(b, 3) == figures(b, 3) != figures(b, 4)
    assert {"steps", "sleep"} == set(figures(b, 35)) and figures(b, 36) == {}
    assert [pair[1:] for pair in pressures(d, 45)] == [(184, 112), (176, 106)]
    assert START.weekday() == 0 and (START + timedelta(days=DAYS)).isoformat() == "2026-02-16"


def test_a_file_that_is_no_checkup_report_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(Problem, match=r"x\.json"):
        checkup(tmp_path / "x.json")
    with pytest.raises(Problem, match=r"y\.json"):
        checkup(tmp_path / "y.json")
