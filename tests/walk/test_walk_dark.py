"""After a consent has ended nothing of it is to be seen: every path within 60 s, with the workers as they run.

`python benchmarks/dark.py` measures also consents that run out while nobody does anything (a few minutes).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import run

ROOT = Path(__file__).resolve().parents[2]
# What stands on which consent, and how many paths lead to it. A new path belongs into benchmarks/dark_paths.py.
PATHS = {
    "phr_records": 9,
    "guidance": 6,
    "guidance:0688888888": 3,
    "statistics": 1,
    "living_lab": 2,
    "push": 2,
    "phr": 1,
    "proxy": 8,
}


def test_what_stood_on_a_withdrawn_consent_is_dark_within_60_seconds() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "dark.py"), "--ending", "withdrawn"]
    answer = run(command, cwd=ROOT, capture_output=True, text=True, timeout=400)
    assert answer.returncode == 0, answer.stderr[-3000:]
    found = json.loads(answer.stdout)["paths"]
    assert {one: sum(path["purpose"] == one for path in found) for one in PATHS} == PATHS
    assert all(path["shown"] and path["seconds"] <= 60 for path in found)
