"""Every page can be pictured, small enough for the repository.

For the documentation: ``pytest tests/browser/test_page_pictures.py --screenshots docs/images``.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browser_doors import come_to, named
from invented_person import two_to_call
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.ui import WebDriverWait
from window import widen

pytestmark = pytest.mark.browser


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    given: Path = request.config.getoption("--screenshots", default=None) or tmp_path
    given.mkdir(parents=True, exist_ok=True)
    return given


def take(browser: Chrome, path: Path) -> None:
    path.write_bytes(b64decode(browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]))
    assert path.stat().st_size < 300_000, f"{path} is too large for the repository"


def test_the_citizen_page_on_a_phone(citizen, house, folder):
    widen(citizen, 390, 844, 2)
    citizen.get(house.address)
    take(citizen, folder / "citizen-phone.png")


def test_the_citizen_page(citizen, house, folder):
    widen(citizen, 1120, 980)
    citizen.get(house.address)
    take(citizen, folder / "citizen.png")
    citizen.execute_script("document.querySelector('#charts').scrollIntoView({behavior: 'instant'})")
    take(citizen, folder / "citizen-charts.png")


def test_the_nurse_page(nurse, house, rows, folder):
    two_to_call(rows, datetime.now(UTC))
    widen(nurse, 1120, 800)
    nurse.get(f"{house.address}/nurse")
    take(nurse, folder / "nurse.png")


def test_the_devices_page_on_a_phone(citizen, house, home, folder):
    widen(citizen, 390, 844, 2)
    citizen.get(f"{house.address}/devices")
    take(citizen, folder / "devices-phone.png")
    citizen.execute_script("document.querySelector('#add button').click()")  # what moves meanwhile is not in its way
    find = expected_conditions.visibility_of_element_located((By.CSS_SELECTOR, "img.qr"))
    WebDriverWait(citizen, 30).until(find)
    take(citizen, folder / "devices-code-phone.png")


def test_the_page_of_a_number_that_does_not_fit_on_a_phone(citizen, house, folder):
    widen(citizen, 390, 844, 2)
    citizen.get(house.address)
    citizen.execute_script("document.querySelector('#entry details').open = true")
    for name, typed in (("bp_sys", "79"), ("bp_dia", "128"), ("weight", "61.5")):
        citizen.find_element(By.NAME, name).send_keys(typed)
    button = citizen.find_element(By.CSS_SELECTOR, "#entry form button")
    citizen.execute_script("arguments[0].click()", button)  # charts that arrive meanwhile move it from under a pointer
    find = expected_conditions.presence_of_element_located((By.CSS_SELECTOR, ".entry .wrong"))
    wrong = WebDriverWait(citizen, 30).until(find)
    assert wrong.is_displayed() and "上の値が下の値より" in wrong.text
    assert citizen.find_element(By.NAME, "weight").get_attribute("value") == "61.5"
    assert citizen.switch_to.active_element.get_attribute("name") == "bp_sys"
    take(citizen, folder / "entry-again-phone.png")


@pytest.mark.parametrize("name", ["looks", "rights", "factor_new", "proxies", "goals", "reflection", "messages"])
def test_a_page_of_the_doors_on_a_phone(browser, doors, folder, name):
    widen(browser, 390, 844, 1.5)
    come_to(browser, doors, named(doors, name))
    take(browser, folder / f"{name.replace('_', '-')}-phone.png")
