"""`make mutants`: takes one protection out at a time, and demands that the test named beside it falls.

``mutants.toml`` is the list. Each is tried in a copy of the checkout, on a database of its own; the checkout itself is
never touched. A mutant is killed when its test fails with it and passes without it; everything else is a gap:

* survived: the test passes although the protection is gone;
* broken: the test could not even run, so it says nothing;
* idle: the test fails (or is skipped) without any mutant as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from shutil import copy2
from tempfile import TemporaryDirectory
from typing import Annotated
from xml.etree import ElementTree

import typer
from mutants_server import TEMPLATE
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from store import embedded, migrations

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_suffix(".toml")
_LONGEST_SECONDS = 600

console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


@dataclass(frozen=True, slots=True)
class Edit:
    """``text`` stands in ``file`` exactly once and is replaced by ``instead``."""

    file: str
    text: str
    instead: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """``edits`` take the protection out, all of them together; ``test`` is pytest's name of a test."""

    door: str
    name: str
    edits: tuple[Edit, ...]
    test: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the checkout, and a PostgreSQL with the schema as it is without a mutant."""

    root: Path
    server: str


def listed(path: Path = LIST) -> list[Mutant]:
    """Every mutant of the list, in its order."""
    said = tomllib.loads(path.read_text("utf-8"))
    return [_read(door, name, **one) for door, mutants in said.items() for name, one in mutants.items()]


def _read(door: str, name: str, *, test: str, also: Sequence[dict[str, str]] = (), **first: str) -> Mutant:
    return Mutant(door, name, tuple(Edit(**one) for one in (first, *also)), test)


def faults(mutant: Mutant, root: Path = ROOT) -> list[str]:
    """What of it is not true of this checkout (any more)."""
    said = [f"{mutant.name}: {fault}" for edit in mutant.edits for fault in _edit_faults(edit, root)]
    test, _, function = mutant.test.partition("::")
    defined = f"def {function.partition('[')[0]}("
    if not (root / test).is_file() or defined not in (root / test).read_text("utf-8"):
        said.append(f"{mutant.name}: there is no test {mutant.test}")
    return said


def _edit_faults(edit: Edit, root: Path) -> list[str]:
    file = root / edit.file
    found = file.read_text("utf-8").count(edit.text) if file.is_file() else 0
    said = [] if found == 1 else [f"its text stands {found} times in {edit.file}"]
    return said + (["it changes nothing"] if edit.text == edit.instead else [])


def main(
    words: Annotated[list[str] | None, typer.Argument(help="Only mutants whose door or name has one of these.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many at once; each has a database server of its own.")] = 1,
    trust: Annotated[bool, typer.Option("--trust", help="Don't ask whether the tests pass without a mutant.")] = False,
) -> None:
    """Take one protection out at a time: the test named beside it in mutants.toml must fail.

    Example:

      make mutants MUTANTS="--jobs 2 consent"

    Exit code 1 when one survived, could not be tried, or its test fails anyway.
    """
    chosen = [one for one in listed() if not words or any(word in f"{one.door} {one.name}" for word in words)]
    wrong = [fault for one in chosen for fault in faults(one)]
    if wrong or not chosen:
        console.print("\n".join(wrong) or "no mutant of that name")
        raise typer.Exit(1)
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with (
        Progress(console=console) as bar,
        TemporaryDirectory(prefix="phr-mutants-", dir=memory) as folder,
        ExitStack() as servers,
    ):
        copies = _copies(Path(folder), jobs, servers)
        idle = set() if trust else _idle(copies, bar, {one.test for one in chosen})
        task = bar.add_task("one protection out at a time", total=len(chosen))

        def tried(mutant: Mutant) -> str:
            state = "idle" if mutant.test in idle else _try(copies, mutant)
            bar.update(task, advance=1)
            bar.console.print(f"{state}: {mutant.door}: {mutant.name}", soft_wrap=True)
            return state

        with ThreadPoolExecutor(jobs) as threads:
            states = list(threads.map(tried, chosen))
    console.print(_table(chosen, states))
    console.print(f"{states.count('killed')} of {len(states)} killed")
    raise typer.Exit(states.count("killed") != len(states))


def _copies(folder: Path, count: int, servers: ExitStack) -> Queue[Copy]:
    """So many copies of what git knows or would add, as it lies on disk now, each with a migrated server beside it."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    named = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    copies: Queue[Copy] = Queue()
    for number in range(count):
        root = folder / str(number) / "checkout"
        for name in filter(None, named.split("\0")):
            if (ROOT / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                copy2(ROOT / name, root / name)
        uri = servers.enter_context(embedded.server(folder / str(number) / "pg"))
        migrations.migrate(embedded.database(uri, TEMPLATE))
        copies.put(Copy(root, uri))
    return copies


def _idle(copies: Queue[Copy], bar: Progress, tests: Collection[str]) -> set[str]:
    """Those of the tests that do not pass without a mutant. By file: one that does not load leaves the others alone."""
    files: dict[str, list[str]] = {}
    for test in sorted(tests):
        files.setdefault(test.partition("::")[0], []).append(test)
    task = bar.add_task("all of them without a mutant", total=len(files))

    def failing(together: list[str]) -> set[str]:
        copy = copies.get()
        passed, *others = _run(copy, together)
        found = {test for test in together if _run(copy, [test])[1:] != (0, 0)} if any(others) or not passed else set()
        copies.put(copy)
        bar.update(task, advance=1)
        return found

    with ThreadPoolExecutor(copies.qsize()) as threads:
        return set().union(*threads.map(failing, files.values()))


def _try(copies: Queue[Copy], mutant: Mutant) -> str:
    copy = copies.get()
    sound = {edit.file: (copy.root / edit.file).read_text("utf-8") for edit in mutant.edits}
    bent = dict(sound)
    for edit in mutant.edits:
        bent[edit.file] = bent[edit.file].replace(edit.text, edit.instead)
    try:
        _write(copy, bent)
        passed, failed, other = _run(copy, [mutant.test], migrated=all(file.endswith(".py") for file in bent))
    finally:
        _write(copy, sound)
        copies.put(copy)
    if failed:
        return "killed"
    return "survived" if passed and not other else "broken"


def _write(copy: Copy, files: dict[str, str]) -> None:
    for name, text in files.items():
        (copy.root / name).write_text(text, "utf-8")


def _run(copy: Copy, tests: Sequence[str], *, migrated: bool = True) -> tuple[int, int, int]:
    """How many tests passed, failed, and did neither, up to the first that did not pass.

    ``migrated``: the schema is as without a mutant, so the server that runs already will do.
    """
    root = copy.root
    report = root.parent / "report.xml"
    report.unlink(missing_ok=True)
    path = os.pathsep.join((str(root), str(root / "tests" / "access")))
    env = os.environ | {"PYTHONPATH": path, "PHR_MUTANTS_SERVER": copy.server}
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # none of these tests needs one, and loading them takes the longest
    plugins = ["-p", "no:cacheprovider", *(["-p", "mutants_server"] if migrated else [])]
    words = [sys.executable, "-m", "pytest", "-qx", "--tb=native", *plugins, f"--junitxml={report}", *tests]
    with (root.parent / "log").open("ab") as log:
        subprocess.run(words, cwd=root, env=env, stdout=log, stderr=log, timeout=_LONGEST_SECONDS)
    suite = ElementTree.parse(report).getroot().find("testsuite") if report.exists() else None
    if suite is None:
        return 0, 0, 1
    total, failed = int(suite.get("tests", 0)), int(suite.get("failures", 0))
    other = int(suite.get("errors", 0)) + int(suite.get("skipped", 0))
    return total - failed - other, failed, other


def _table(mutants: Sequence[Mutant], states: Sequence[str]) -> Table:
    table = Table("door", "taken out", "", "test that falls", box=None)
    for one, state in zip(mutants, states, strict=True):
        table.add_row(one.door, one.name, state, one.test.rpartition("::")[2])
    return table


if __name__ == "__main__":
    typer.run(main)
