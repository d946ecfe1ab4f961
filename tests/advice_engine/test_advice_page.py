"""`docs/advice.md` is true: its tables and its example come from the rules themselves."""

from __future__ import annotations

from pathlib import Path

from advice_engine.describe import counts, lines_table, rules_table
from advice_engine.words import NO_DIAGNOSIS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/advice.md").read_text("utf-8")


def test_the_tables_of_the_page_are_those_of_the_rules() -> None:
    assert rules_table() in PAGE, "paste the first table of `python -m advice_engine.describe`"
    assert lines_table() in PAGE, "paste the second table of `python -m advice_engine.describe`"
    assert counts() in PAGE, "paste the last line of `python -m advice_engine.describe`"


def test_the_example_of_a_whole_rule_is_the_file_itself() -> None:
    assert f"```python\n{(ROOT / 'advice_engine/rules/late_dinner.py').read_text('utf-8')}```" in PAGE


def test_the_page_quotes_the_sentence_that_every_text_ends_with() -> None:
    assert f"「{NO_DIAGNOSIS}」" in PAGE
