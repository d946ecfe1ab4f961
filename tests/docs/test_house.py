"""The house as drawn: floors, sizes, lock files without addresses."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import run

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("store", "devices", "ingest", "fhir_bridge", "advice_engine", "phr_api")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 300, 50


def functions() -> Iterator[tuple[str, int]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_imports_go_down_and_pure_parts_stay_pure() -> None:
    linter = Path(sys.executable).with_name("lint-imports")  # a process of its own: it changes the logging of its own
    answer = run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout


def test_no_file_and_no_function_has_grown_too_long() -> None:
    files = [str(path.relative_to(ROOT)) for path in SOURCES if len(path.read_text().splitlines()) > LONGEST_FILE]
    assert files == []
    assert [name for name, lines in functions() if lines > LONGEST_FUNCTION] == []


def test_lock_files_pin_by_hash_and_hold_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text and "index" not in text
        pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert pinned and all("==" in line and line.endswith("\\") for line in pinned)
        assert text.count("--hash=sha256:") >= len(pinned)


def test_whatever_runs_without_the_test_tools_is_locked_for_production_too() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text("utf-8").splitlines()
        return {line.split()[0] for line in lines if line[:1].isalnum()}

    assert pins("requirements.lock") <= pins("requirements-dev.lock")
