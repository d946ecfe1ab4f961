"""The page 「同意」 in a real Chromium: readable on a telephone, one tap gives, one tap takes back."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest
from browser_judge import CONTRAST, SMALL_TARGETS, UNNAMED
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from window import widen

pytestmark = pytest.mark.browser

_SIZES = """
return [...document.querySelectorAll("main p, main li, main dd, main label, main button, main a")]
  .filter((one) => one.getBoundingClientRect().width && parseFloat(getComputedStyle(one).fontSize) < 16)
  .map((one) => one.textContent.trim().slice(0, 30));
"""


def state(page: Chrome, purpose: str) -> str:
    return page.find_element(By.CSS_SELECTOR, f"#{purpose} .state").text


def wait(page: Chrome, until):
    patient = (NoSuchElementException, StaleElementReferenceException)
    return WebDriverWait(page, 30, 0.05, patient).until(until)


def test_the_page_is_readable_on_a_telephone_and_can_be_pictured(
    citizen: Chrome, house, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    widen(citizen, 390, 844, 2)
    citizen.get(f"{house.address}/consents")
    assert citizen.execute_script("return document.documentElement.scrollWidth") <= 390
    for script in (CONTRAST, UNNAMED, SMALL_TARGETS, _SIZES):
        assert citizen.execute_script(script) == []
    folder: Path = request.config.getoption("--screenshots", default=None) or tmp_path
    picture = b64decode(citizen.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"])
    (folder / "consents-phone.png").write_bytes(picture)
    assert len(picture) < 300_000


def test_one_tap_gives_and_one_tap_takes_back_on_the_same_page(citizen: Chrome, house) -> None:
    widen(citizen, 390, 844)
    citizen.get(f"{house.address}/consents")
    purpose = "next_generation_opt_out"
    for _ in range(2):  # as often as one likes
        assert state(citizen, purpose) == "断っていません"
        citizen.find_element(By.ID, f"give-{purpose}").click()
        wait(citizen, lambda page: state(page, purpose) == "断っています")
        assert "断りました" in citizen.find_element(By.CSS_SELECTOR, f"#{purpose} [role=status]").text
        citizen.find_element(By.CSS_SELECTOR, f"#{purpose} .running button").click()
        wait(citizen, lambda page: state(page, purpose) == "断っていません")
        assert "取りやめました" in citizen.find_element(By.CSS_SELECTOR, f"#{purpose} [role=status]").text


def test_the_very_words_are_one_tap_away(citizen: Chrome, house) -> None:
    citizen.get(f"{house.address}/consents")
    citizen.find_element(By.CSS_SELECTOR, "#guidance .running a").click()
    wait(citizen, lambda page: page.find_element(By.TAG_NAME, "h1").text == "保健師の支援を受ける")
    for script in (CONTRAST, UNNAMED):
        assert citizen.execute_script(script) == []
    assert "やめたいとき" in citizen.find_element(By.TAG_NAME, "main").text
