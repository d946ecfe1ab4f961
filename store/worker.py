"""How every worker starts and is told to stop."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from threading import Event
from typing import NoReturn

from store import pool, settings
from store.settings import Settings


def begin(*needs: str, role: str | None = None) -> Settings:
    """The worker's settings, with its log set up; ``needs`` are those that it can't run without.

    ``role``: as what it will work in the database. Ends the process with one sentence and exit code 2 when a setting is
    missing or does not fit, or the login may not work so.
    """
    try:
        given = settings.load()
        settings.require(given, *needs)
        if role:
            pool.may_become(given.database_url, role)
    except settings.BadSetting as fault:
        refuse(fault)
    logging.basicConfig(level=given.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return given


def refuse(fault: settings.BadSetting) -> NoReturn:
    """End the process: the setting is named, its value is not."""
    sys.stderr.write(f"{fault}\n")
    raise SystemExit(2)


def look_for_garbage_seldom() -> None:
    """For who handles batches of thousands, once what it needs is loaded: they leave no circular garbage, and searching
    them through again and again took a third of the ingest worker's time."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def told_to_stop() -> Event:
    """Set at SIGTERM or SIGINT."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
