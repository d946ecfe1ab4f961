"""Faults under load, some of each; `python benchmarks/faults.py --times 20` strikes as often as you like."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_whatever_strikes_nothing_is_lost_and_nothing_stored_twice() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "faults.py"), "--kind", "mixed", "--times", "2"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.stdout, done.stderr
    [proof] = json.loads(done.stdout)["proofs"]
    assert proof["good"] and done.returncode == 0, proof
    assert proof["sent"] > 2000 and proof["times"] >= 8  # without the right to mount a small disk: one kind less
