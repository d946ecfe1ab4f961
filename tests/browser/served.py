"""The application on a port of this machine, as `phr up` serves it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import uvicorn
from fastapi import FastAPI

from store.people import Person


@dataclass(frozen=True)
class House:
    """A served application: its address, its database, who lives in it."""

    address: str
    database: str
    person: Person
    citizen_token: str
    nurse_token: str


@contextmanager
def serving(app: FastAPI, listening: socket.socket) -> Iterator[None]:
    served = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    thread = Thread(target=served.run, kwargs={"sockets": [listening]})
    thread.start()
    _wait_until_started(served)
    yield
    served.should_exit = True
    thread.join(timeout=20)


def _wait_until_started(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.02)
