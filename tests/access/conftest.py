"""The application over an invented town that is made once; requests that may change something get a copy of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType
from typing import Any

import psycopg
import pytest
from access_world import World, settle
from channel_peers import services
from fastapi import FastAPI
from fastapi.testclient import TestClient
from mail_peer import mail_server
from psycopg import sql
from psycopg_pool import ConnectionPool

from phr_api.app import create_app
from store.pool import open_pool
from store.settings import Settings

ORIGIN = "https://phr.example.jp"
_numbers = count(1)


@dataclass(frozen=True)
class Town:
    """The application over one database of the invented town. ``owner`` sees everything and is not the application."""

    world: World
    app: FastAPI
    client: TestClient
    owner: psycopg.Connection


Copy = Callable[[], AbstractContextManager[Town]]


def settings(uri: str, told: Mapping[str, Any] = MappingProxyType({})) -> Settings:
    """As in production; every door is set up, so that a 404 is never for want of a setting. ``told``: the channels'."""
    key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"  # an invented scalar
    given = {"vapid_private_key": key, "metrics_token": "the operators' token"}
    return Settings(database_url=uri, public_url=ORIGIN, **given | dict(told))


@pytest.fixture(scope="session")
def settled(server: str) -> tuple[str, World]:
    """A template database with the invented town in it."""
    _create(server, "phr_access", "phr_template")
    with psycopg.connect(server.format(database="phr_access"), options="-c timezone=UTC") as conn:
        return "phr_access", settle(conn)


@pytest.fixture(scope="session")
def application(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, TestClient]]:
    """One application for all: only its pool changes. What it sends goes to services of this machine."""
    uri = server.format(database="phr_template")
    with services() as web, mail_server(tmp_path_factory.mktemp("mail")) as mail:
        with ConnectionPool(uri, open=False, max_size=4) as pool:
            app = create_app(settings(uri, web.ways() | mail.settings()), pool)
        with TestClient(app, base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=False) as client:
            yield app, client


@pytest.fixture(scope="session")
def copy(server: str, settled: tuple[str, World], application: tuple[FastAPI, TestClient]) -> Copy:
    """A copy of the town: whatever is done to it, nobody else sees."""
    template, world = settled
    app, client = application

    @contextmanager
    def made() -> Iterator[Town]:
        name = f"phr_access_{next(_numbers)}"
        uri = server.format(database=name)
        _create(server, name, template)
        before = app.state.pool
        with (
            open_pool(uri, role="phr_api") as pool,
            psycopg.connect(uri, autocommit=True, options="-c timezone=UTC") as owner,
        ):
            app.state.pool = pool
            try:
                yield Town(world, app, client, owner)
            finally:
                app.state.pool = before

    return made


@pytest.fixture(scope="session")
def unchanged(copy: Copy) -> Iterator[Town]:
    """A town that nobody changes: for what is refused, and for what is only read."""
    with copy() as town:
        yield town


def _create(server: str, name: str, template: str) -> None:
    with _admin(server) as conn:
        conn.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))


def _admin(server: str) -> psycopg.Connection:
    return psycopg.connect(server.format(database="postgres"), autocommit=True)
