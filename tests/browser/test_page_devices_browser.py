"""The page 「機器」 in a real Chromium, at the width of a telephone."""

from __future__ import annotations

import pytest
from browser_judge import BARE, CONTRAST, SMALL_TARGETS, UNNAMED
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from window import widen

pytestmark = pytest.mark.browser


def complaints(browser: Chrome) -> list[str]:
    return [row["message"] for row in browser.get_log("browser") if row["level"] in ("SEVERE", "WARNING")]


def open_all(browser: Chrome) -> None:
    browser.execute_script("document.querySelectorAll('details').forEach((one) => (one.open = true))")


def judge(browser: Chrome) -> None:
    open_all(browser)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    for script in (CONTRAST, UNNAMED, SMALL_TARGETS):
        assert browser.execute_script(script) == []
    assert BARE not in browser.find_element(By.CSS_SELECTOR, "main").text
    assert complaints(browser) == []


def test_on_a_telephone_everything_fits_and_has_a_name(citizen: Chrome, house, home: int) -> None:
    widen(citizen, 360, 780)
    citizen.get(f"{house.address}/devices")
    assert "新しい機器が見つかりました" in citizen.find_element(By.CSS_SELECTOR, "main").text
    judge(citizen)


def test_a_code_comes_without_a_script_with_a_picture_that_is_drawn(citizen: Chrome, house, home: int) -> None:
    widen(citizen, 360, 780)
    citizen.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    citizen.get(f"{house.address}/devices")
    citizen.find_element(By.CSS_SELECTOR, "#add button").send_keys(Keys.ENTER)  # wherever it moves meanwhile
    # without scripts the driver does not see that a page is on its way
    code = WebDriverWait(citizen, 30).until(lambda browser: browser.find_element(By.CSS_SELECTOR, ".code"))
    assert len(code.text.replace("\n", "").replace(" ", "")) == 16
    citizen.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    picture = citizen.find_element(By.CSS_SELECTOR, "img.qr")
    WebDriverWait(citizen, 30).until(
        lambda browser: browser.execute_script("return arguments[0].naturalWidth", picture) > 100
    )
    judge(citizen)
