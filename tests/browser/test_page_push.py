"""The notification on a real browser: what it shows, and that nothing but the offer is needed for it."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

pytestmark = pytest.mark.browser

TOLD = {"title": "さかた健康記録", "body": "新しいお知らせがあります。", "url": "/", "tag": "news"}
_SHOWN = """
const done = arguments[0];
navigator.serviceWorker.ready
  .then((found) => found.getNotifications())
  .then((shown) => done(shown.map((one) => [one.title, one.body, one.tag])));
"""


@pytest.fixture
def offered(citizen: Chrome, house) -> Chrome:
    """The citizen's page with the offer to be told, notifications allowed."""
    given = {"origin": house.address, "permissions": ["notifications"]}
    citizen.execute_cdp_cmd("Browser.grantPermissions", given)
    citizen.get(house.address)
    button = citizen.find_element(By.ID, "push-on")
    WebDriverWait(citizen, 30).until(lambda _: button.is_displayed())
    return citizen


def deliver(browser: Chrome, origin: str) -> None:
    """As a push service would; the browser numbers its workers, and this profile has few."""
    browser.execute_cdp_cmd("ServiceWorker.enable", {})
    for number in range(8):
        with suppress(WebDriverException):
            browser.execute_cdp_cmd(
                "ServiceWorker.deliverPushMessage",
                {"origin": origin, "registrationId": str(number), "data": json.dumps(TOLD, ensure_ascii=False)},
            )


def test_a_push_shows_that_there_is_something_new_and_no_more(offered, house):
    deliver(offered, f"{house.address}/")
    WebDriverWait(offered, 20).until(lambda browser: browser.execute_async_script(_SHOWN))
    assert offered.execute_async_script(_SHOWN) == [[TOLD["title"], TOLD["body"], TOLD["tag"]]]


def test_a_browser_that_forbids_notifications_is_told_how_to_allow_them(offered, house):
    denied = {"permission": {"name": "notifications"}, "setting": "denied", "origin": house.address}
    offered.execute_cdp_cmd("Browser.setPermission", denied)
    offered.find_element(By.ID, "push-on").click()
    said = offered.find_element(By.CSS_SELECTOR, "#push [role=status]")
    WebDriverWait(offered, 20).until(lambda _: said.text)
    assert "設定で許可すると" in said.text
    assert offered.find_element(By.ID, "push-on").is_displayed()
