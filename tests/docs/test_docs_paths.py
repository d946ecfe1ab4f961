"""A document that names a file of the project names one that exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_PACKAGES = r"(?:store|devices|ingest|fhir_bridge|advice_engine|phr_api|tests|benchmarks|docs)"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_named_in_the_documents_exists(page: Path) -> None:
    named = re.findall(rf"`({_PACKAGES}/[\w./-]*)`", page.read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []
