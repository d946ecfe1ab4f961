"""Every page of the house, judged: names, headings, contrast, sizes, and no scrolling sideways at 320 px.

320 px wide is what WCAG 2.2, 1.4.10 asks for; it is also a screen of 1,280 px at 400 %.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from browser_judge import judged
from browser_pages import Page, furnish, pages
from fastapi import Request
from fastapi.responses import HTMLResponse
from psycopg_pool import ConnectionPool
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import WebDriverWait
from served import House, serving
from starlette.routing import Route
from window import widen

from phr_api.app import create_app
from phr_api.doors import COOKIE
from phr_api.pages._html import render
from store import pool
from store.settings import Settings

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Doors:
    """The house's address, and that of the same house where staff need a second factor."""

    usual: str
    strict: str
    tokens: dict[str, str]
    pages: tuple[Page, ...]


@pytest.fixture(scope="module")
def doors(house: House) -> Iterator[Doors]:
    with pool.open_pool(house.database) as opened, socket.socket() as listening, socket.socket() as usual:
        with opened.connection() as conn:
            tokens = furnish(conn, house.person, house.citizen_token)
        with _served(opened, usual, embedded=True) as lax, _served(opened, listening, embedded=False) as strict:
            yield Doors(lax, strict, tokens, pages(house.person))


@contextmanager
def _served(opened: ConnectionPool, listening: socket.socket, *, embedded: bool) -> Iterator[str]:
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = create_app(Settings(database_url=opened.conninfo, embedded=embedded, public_url=address), opened)
    app.router.routes.insert(0, Route("/test/unknown", _unknown))
    with serving(app, listening):
        yield address


def _unknown(request: Request) -> HTMLResponse:
    """The page that only an account of the city's provider leads to."""
    staff = bool(request.query_params.get("staff"))
    return render("signin_unknown.html", request, code="7K2M-9QXR", staff=staff)


def come_to(browser: Chrome, doors: Doors, page: Page) -> None:
    """Open the page as who may, and wait until it is there."""
    address = doors.strict if page.strict else doors.usual
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    if page.who in doors.tokens:
        cookie = {"name": COOKIE, "value": doors.tokens[page.who], "httpOnly": True, "sameSite": "Lax"}
        browser.execute_cdp_cmd("Network.setCookie", cookie | {"url": address})
    browser.get(address + page.path)
    if page.act:
        before = browser.find_element(By.TAG_NAME, "html")
        page.act(browser)
        WebDriverWait(browser, 30, 0.05).until(staleness_of(before))
        WebDriverWait(browser, 30, 0.05).until(
            lambda one: one.execute_script("return document.readyState") == "complete"
        )


def test_every_page_can_be_read_heard_and_steered(browser: Chrome, doors: Doors) -> None:
    """On a telephone of 320 px, as at a desk at 400 %."""
    widen(browser, 320)
    wrong = {}
    for page in doors.pages:
        come_to(browser, doors, page)
        wrong[page.name] = judged(browser)
    assert {name: said for name, said in wrong.items() if said} == {}
