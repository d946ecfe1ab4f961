"""The page of the walks names what is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "walks.md").read_text("utf-8")


def test_every_file_of_ingest_stands_in_its_table_and_no_other() -> None:
    table = PAGE.split("## The files of `ingest/`")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert named == {path.stem for path in (ROOT / "ingest").glob("*.py")} - {"__init__"}
