"""Faults under load, a few of each; `python benchmarks/faults.py --times 20` strikes as often as you like."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def struck(kind: str, times: int = 2) -> Any:
    command = [sys.executable, str(ROOT / "benchmarks" / "faults.py"), "--kind", kind, "--times", str(times)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=240)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["worker", "postgres", "mosquitto", "socket", "disk"])
def test_nothing_is_lost_and_nothing_stored_twice(kind: str) -> None:
    told = struck(kind)
    if told["skipped"]:
        pytest.skip(told["skipped"][0])
    [proof] = told["proofs"]
    assert proof["good"], proof
    assert proof["sent"] > 400 and proof["times"] == 2
