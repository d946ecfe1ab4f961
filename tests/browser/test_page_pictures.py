"""Pictures of the pages for the documentation: ``pytest tests/browser --screenshots docs/images``."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

import pytest
from invented_person import two_to_call
from selenium.webdriver import Chrome
from window import widen

pytestmark = pytest.mark.browser


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    given: Path | None = request.config.getoption("--screenshots", default=None)
    if given is None:
        pytest.skip("no --screenshots FOLDER given")
    given.mkdir(parents=True, exist_ok=True)
    return given


def take(browser: Chrome, address: str, path: Path, *, width: int, height: int, scale: float = 1) -> None:
    widen(browser, width, height, scale)
    browser.get(address)
    picture = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    path.write_bytes(b64decode(picture["data"]))


def test_the_citizen_page_on_a_phone(citizen, house, folder):
    take(citizen, house.address, folder / "citizen-phone.png", width=390, height=844, scale=2)


def test_the_citizen_page(citizen, house, folder):
    take(citizen, house.address, folder / "citizen.png", width=1120, height=1500)


def test_the_nurse_page(nurse, house, rows, folder):
    two_to_call(rows, datetime.now(UTC))
    take(nurse, f"{house.address}/nurse", folder / "nurse.png", width=1120, height=800)
