"""The whole application over a real database, and callers of each kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from callers import AppOn, Town, agree, bearer
from fastapi import FastAPI
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from phr_api.app import create_app, furnish
from store import gateways, households, people, sessions, staff
from store.pool import open_pool
from store.settings import Settings

_built: dict[tuple[bool, bool], list[FastAPI]] = defaultdict(list)  # by mode: embedded, https


@pytest.fixture
def doors(database: str) -> Iterator[ConnectionPool]:
    """The application's own pool, in its own role."""
    with open_pool(database, role="phr_api") as opened:
        yield opened


@pytest.fixture
def app_on() -> Iterator[AppOn]:
    """``create_app``, whose work of putting every door together a later test of the same mode uses again.

    No two hold the same application, and none is used again whose doors a test has changed.
    """
    taken = []

    def on(settings: Settings, pool: ConnectionPool) -> FastAPI:
        free = _built[settings.embedded, settings.public_url.startswith("https:")]
        app = free.pop() if free else create_app(settings, pool)
        furnish(app, settings, pool)
        taken.append((free, app, list(app.routes)))
        return app

    yield on
    for free, app, routes in taken:
        app.dependency_overrides.clear()
        if app.routes == routes:
            free.append(app)


@pytest.fixture
def app(database: str, doors: ConnectionPool, app_on: AppOn) -> FastAPI:
    """The application as `phr up` runs it (embedded mode)."""
    return app_on(Settings(database_url=database, embedded=True, public_url="http://testserver"), doors)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """An anonymous caller that follows no redirect."""
    with TestClient(app, follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def town(conn: psycopg.Connection) -> Town:
    hanako = people.add(conn, birth_date=date(1961, 5, 3), sex="female", name="酒田 花子", kana="サカタ ハナコ")
    taro = people.add(conn, birth_date=date(1958, 9, 9), sex="male", name="最上 太郎")
    nurse = staff.add(conn, name="保健 しおり")
    return Town(
        hanako,
        taro,
        nurse,
        hanako_token=sessions.open(conn, person_id=hanako.person_id),
        taro_token=sessions.open(conn, person_id=taro.person_id),
        nurse_token=sessions.open(conn, staff_id=nurse.staff_id),
    )


@pytest.fixture
def hanako(app: FastAPI, town: Town) -> Iterator[TestClient]:
    """A citizen's program (bearer token)."""
    with TestClient(app, headers=bearer(town.hanako_token), follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def taro(app: FastAPI, town: Town) -> Iterator[TestClient]:
    """Another citizen's program."""
    with TestClient(app, headers=bearer(town.taro_token), follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def nurse(app: FastAPI, town: Town, conn: psycopg.Connection) -> Iterator[TestClient]:
    """The 保健師's program; both citizens have agreed to be supported."""
    for person in (town.hanako, town.taro):
        agree(conn, person.person_id)
    with TestClient(app, headers=bearer(town.nurse_token), follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def home(conn: psycopg.Connection, town: Town) -> int:
    """Hanako's household with its gateway; taro lives elsewhere, with a gateway of his own."""
    now = datetime.now(UTC)
    home, elsewhere = households.add(conn), households.add(conn)
    households.join(conn, home, town.hanako.person_id, now - timedelta(days=9))
    households.join(conn, elsewhere, town.taro.person_id)
    gateways.add(conn, "gw-hanako", "secret", home)
    gateways.add(conn, "gw-taro", "secret", elsewhere)
    return home
