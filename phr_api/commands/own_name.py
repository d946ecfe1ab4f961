"""How this command is typed where it runs: what we print must work when it is pasted."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from shlex import quote


def phr() -> str:
    """`phr` where that is found on PATH, else the program's path: `.venv/bin/phr`."""
    program = Path(sys.argv[0]).absolute()
    if program.name != "phr" or not program.exists():
        return "phr"
    found = shutil.which("phr")
    if found and Path(found).resolve() == program.resolve():
        return "phr"
    inside = os.path.relpath(program)
    return quote(str(program) if inside.startswith("..") else inside)
