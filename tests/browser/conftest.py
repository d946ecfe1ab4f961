"""A running application with one invented person, and a real Chromium in front of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import browser_doors
import psycopg
import pytest
from browser_doors import Doors
from invented_person import invent
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from served import House, serving
from window import widen

from phr_api.app import create_app
from phr_api.doors import COOKIE
from store import embedded, gateways, households, migrations, pool, registrations, rejections, sessions, staff
from store.model import Rejection
from store.settings import Settings

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=ja",
    "--force-prefers-reduced-motion",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", type=Path, help="folder for the pictures of test_page_pictures.py")


@pytest.fixture(scope="session")
def house(server: str) -> Iterator[House]:
    """The application on a port of this machine, as `phr up` serves it; one for all browser tests."""
    uri = embedded.database(server, "phr_browser")
    migrations.migrate(uri)
    with pool.open_pool(uri) as opened, socket.socket() as listening:
        person = invent(opened, datetime.now(UTC))
        with opened.connection() as conn:
            citizen = sessions.open(conn, person_id=person.person_id)
            nurse = sessions.open(conn, staff_id=staff.add(conn, name="見本 しおり").staff_id)
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = Settings(database_url=uri, embedded=True, public_url=address, vapid_private_key="A" * 42 + "E")
        with pool.open_pool(uri, role="phr_api") as doors, serving(create_app(settings, doors), listening):
            yield House(address, uri, person, citizen, nurse)


@pytest.fixture(scope="session")
def doors(server: str) -> Iterator[Doors]:
    """Another house, in which everything has happened that a page has words for."""
    with browser_doors.opened(server) as made:
        yield made


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Debian's Chromium with a fresh profile. Never downloads a driver; missing means skip, or failure under CI."""
    missing = [str(path) for path in (CHROMIUM, DRIVER) if not path.exists()]
    if missing:
        told = f"missing: {', '.join(missing)} (apt-get install chromium chromium-driver fonts-noto-cjk)"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for option in (*_OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(option)
    opened = Chrome(options=options, service=Service(str(DRIVER)))
    opened.set_page_load_timeout(60)
    yield opened
    opened.quit()


@pytest.fixture
def browser(chromium: Chrome, house: House) -> Chrome:
    """The browser as new: nobody signed in, a desktop's window, scripts on, empty logs."""
    chromium.get(f"{house.address}/healthz")
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    chromium.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": "ja"}})
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    widen(chromium, 1120)
    for kind in ("browser", "performance"):
        chromium.get_log(kind)
    return chromium


@pytest.fixture
def citizen(browser: Chrome, house: House) -> Chrome:
    """The browser, signed in as the invented person, not yet on a page of hers."""
    return _with_token(browser, house.citizen_token)


@pytest.fixture
def nurse(browser: Chrome, house: House) -> Chrome:
    """The browser, signed in as the 保健師."""
    return _with_token(browser, house.nurse_token)


def _with_token(browser: Chrome, token: str) -> Chrome:
    browser.add_cookie({"name": COOKIE, "value": token, "httpOnly": True, "sameSite": "Lax"})
    return browser


@pytest.fixture
def rows(house: House) -> Iterator[psycopg.Connection]:
    """A connection to the house's database, committing each statement."""
    with psycopg.connect(house.database, autocommit=True) as conn:
        yield conn


@pytest.fixture
def home(house, rows: psycopg.Connection) -> Iterator[int]:
    """Her household with a gateway, a device, and one that nobody has registered yet."""
    now = datetime.now(UTC)
    made = households.home_of(rows, house.person.person_id)
    box = gateways.admit(rows, made, "居間")
    registrations.add(
        rows,
        gateway_id=box.gateway_id,
        device="scale-1",
        model="theengs_scale",
        label="居間の体重計",
        household_id=made,
    )
    topic = f"phr/v1/{box.gateway_id}/A4C13812FE"
    rejections.add(rows, [Rejection(topic, "unregistered_device", "", b"{}", now, box.gateway_id, "A4C13812FE")])
    yield made
    gateways.revoke(rows, box.gateway_id)
    registrations.end_all(rows, box.gateway_id)
