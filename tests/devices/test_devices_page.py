"""`docs/devices.md` is true: its tables and its example come from the formats themselves."""

import re
from pathlib import Path

from devices.catalogue import decode
from devices.describe import formats_table, units_table

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/devices.md").read_text("utf-8")


def test_the_tables_of_the_page_are_those_of_the_formats() -> None:
    assert formats_table() in PAGE, "paste the first table of `python -m devices.describe`"
    assert units_table() in PAGE, "paste the second table of `python -m devices.describe`"


def test_the_example_of_a_new_device_is_the_file_itself() -> None:
    assert f"```python\n{(ROOT / 'devices/models/pedometer_counter.py').read_text('utf-8')}```" in PAGE


def test_the_batch_shown_on_the_page_is_understood() -> None:
    (batch,) = re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)
    assert [each.metric for each in decode("phr_readings", batch.encode())] == ["bp_sys", "bp_dia", "pulse", "steps"]
