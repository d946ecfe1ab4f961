import json
from pathlib import Path

from typer.testing import CliRunner

from phr_api.cli import app


def test_bench_gate_tells_how_the_gate_does_beside_the_nearest_weight(tmp_path: Path) -> None:
    picture = tmp_path / "gate.svg"
    result = CliRunner().invoke(app, ["bench", "gate", "--n", "8", "--rounds", "1", "--picture", str(picture)])
    found = json.loads(result.stdout)
    assert result.exit_code == (0 if found["held"] else 1)
    homes = found["households"]
    assert homes["two"]["right"] > homes["two, nearest weight"]["right"]
    assert [homes[kind]["guests_rejected"] for kind in homes if kind.startswith("15 kg")] == [1, 1]
    assert picture.read_text("utf-8").startswith("<svg")
