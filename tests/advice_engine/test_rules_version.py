"""The rules' version in the log of choices changes with whatever changes what the rules say, and with nothing else."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from advice_engine.rules_version import digest, parts, rules_version

FOLDER = Path(str(files("advice_engine")))


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules") / "advice_engine"
    return Path(copytree(FOLDER, folder, ignore=ignore_patterns("__pycache__", "shipped")))


def test_every_table_every_rule_and_what_they_are_worked_out_with_is_in_it() -> None:
    found = parts(FOLDER).keys()
    tables = {path.name for path in FOLDER.iterdir() if path.suffix in (".csv", ".toml")}
    assert {"dishes.csv", "week_menu.csv", "season.toml", "forbidden.toml", "families.toml"} <= tables <= found
    assert {f"rules/{path.name}" for path in (FOLDER / "rules").glob("*.py")} <= found
    assert {"judge.py", "vetoes.py", "dishes.py", "season.py", "facts.py", "history.py", "words.py", "rule.py"} <= found
    assert found.isdisjoint({"deliver.py", "push.py", "choosing.py", "night.py"})  # they ask the rules, and say nothing
    assert rules_version() == digest(FOLDER)


@pytest.mark.parametrize("name", ["swaps.csv", "season.toml", "intakes.py", "checkup_values.py", "rules/steps_more.py"])
def test_one_other_byte_is_another_version(copied: Path, name: str) -> None:
    before, text = digest(copied), (copied / name).read_bytes()
    (copied / name).write_bytes(text + b"\n")
    assert digest(copied) != before
    (copied / name).write_bytes(text)
    assert digest(copied) == before


def test_another_way_to_send_messages_is_the_same_version(copied: Path) -> None:
    before = digest(copied)
    (copied / "deliver.py").write_bytes(b"")
    assert digest(copied) == before
