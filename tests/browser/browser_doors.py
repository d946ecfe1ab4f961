"""The house with its two doors, and how to come to any of its pages."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from browser_pages import Page, furnish, pages
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from invented_person import invent
from psycopg_pool import ConnectionPool
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import WebDriverWait
from served import serving
from starlette.routing import Route

from phr_api.app import create_app
from phr_api.doors import COOKIE
from phr_api.pages._html import render
from store import embedded, migrations, pool, sealing_keys
from store.settings import Settings


@dataclass(frozen=True)
class Doors:
    """Addresses: ``usual`` as in the demo, ``strict`` where staff need a second factor. ``tokens`` by who it is."""

    usual: str
    strict: str
    tokens: dict[str, str]
    pages: tuple[Page, ...]
    database: str
    app: FastAPI


@contextmanager
def opened(server: str) -> Iterator[Doors]:
    """A house of its own, so that what happens in it troubles no other test."""
    uri = embedded.database(server, "phr_doors")
    migrations.migrate(uri)
    with pool.open_pool(uri) as owner, owner.connection() as conn:
        her = invent(owner, datetime.now(UTC))
        sealing_keys.prepare(conn)  # as `phr migrate` does: the API itself may make none
        tokens = furnish(conn, her)
    with (
        pool.open_pool(uri, role="phr_api") as connections,
        socket.socket() as one,
        socket.socket() as other,
        _served(connections, one, embedded=True) as usual,
        _served(connections, other, embedded=False) as strict,
    ):
        app = create_app(Settings(database_url=uri), connections)
        yield Doors(usual, strict, tokens, pages(her), uri, app)


@contextmanager
def _served(connections: ConnectionPool, listening: socket.socket, *, embedded: bool) -> Iterator[str]:
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    told = {
        "master_key": os.environ["PHR_MASTER_KEY"],
        "smtp_host": "127.0.0.1",
        "smtp_from": "phr@city.example.jp",
        "line_friend_url": "https://lin.ee/none",
    }
    settings = Settings(database_url=connections.conninfo, embedded=embedded, public_url=address, **told)
    app = create_app(settings, connections)
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


def named(doors: Doors, name: str) -> Page:
    return next(page for page in doors.pages if page.name == name)
