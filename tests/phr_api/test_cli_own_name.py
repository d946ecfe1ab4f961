"""What the command prints can be pasted."""

from __future__ import annotations

import sys

import pytest

from phr_api.commands.own_name import phr


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program at bin/phr below the current folder, not on PATH."""
    path = tmp_path / "bin" / "phr"
    path.parent.mkdir()
    path.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setattr(sys, "argv", [str(path)])
    return path


def test_a_command_that_is_not_on_the_path_is_named_by_its_place(program):
    assert phr() == "bin/phr"


def test_seen_from_elsewhere_the_whole_path_is_named(program, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert phr() == str(program)


def test_on_the_path_its_name_is_enough(program, monkeypatch):
    monkeypatch.setenv("PATH", str(program.parent))
    assert phr() == "phr"


def test_started_in_another_way_it_is_named_as_the_documentation_does(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["python -m phr_api.cli"])
    assert phr() == "phr"
