"""The `phr` command starts at once: what is heavy is loaded by who needs it."""

from __future__ import annotations

import subprocess
import sys


def test_the_command_starts_without_what_fits_models() -> None:
    asked = "import sys, phr_api.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout.split()
    assert "phr_api.commands.learn" in loaded
    assert not {"sklearn", "scipy", "pandas"} & set(loaded)
