"""The list of `make mutants` stays true to the code: each protection stands where it says, and its test is there."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import mutants
from mutants import Edit, Mutant


def test_every_protection_of_the_list_stands_in_the_code_and_has_its_test() -> None:
    listed = mutants.listed()
    assert len(listed) > 100
    assert [fault for one in listed for fault in mutants.faults(one)] == []
    assert [name for name, count in Counter((one.door, one.name) for one in listed).items() if count > 1] == []


def test_a_list_that_is_not_true_any_more_is_told(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("if right:\n    let_in()\n")
    (tmp_path / "test_code.py").write_text("def test_the_door() -> None: ...\n")
    right = Edit("code.py", "if right:", "if True:")

    def faults(*edits: Edit, test: str = "test_code.py::test_the_door[x]") -> list[str]:
        return mutants.faults(Mutant("a", "b", edits, test), tmp_path)

    assert faults(right) == []
    for bent in ({"text": "if wrong:"}, {"file": "gone.py"}, {"instead": "if right:"}):
        assert len(faults(replace(right, **bent))) == len(faults(right, replace(right, **bent))) == 1
    assert len(faults(right, test="test_code.py::test_the")) == 1


def test_a_name_that_is_not_on_the_list_is_refused() -> None:
    asked = subprocess.run([sys.executable, mutants.__file__, "no such door"], capture_output=True, text=True)
    assert (asked.returncode, asked.stdout) == (1, "no mutant of that name\n")
