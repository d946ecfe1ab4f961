"""Whatever happens to readings, figures are right; `python benchmarks/figures_proof.py --n 1000` tries longer."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_whatever_happens_figures_equal_a_recompute_from_raw_and_a_second_way_of_counting(database: str) -> None:
    program = str(ROOT / "benchmarks" / "figures_proof.py")
    command = [sys.executable, program, "--n", "25", "--operations", "25", "--database", database]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == {} and done.returncode == 0
    assert found["figures"] > 300 and found["jumps"] > 10
    assert {"arrive", "repeat", "type_in", "correct", "claim", "undo", "work"} <= set(found["operations"])
