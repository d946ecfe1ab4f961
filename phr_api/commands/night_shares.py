"""Runs a night: starts the processes that share it, and shows how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from subprocess import Popen

import psycopg
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from advice_engine.run import CHUNK
from phr_api.commands.terminal import aside
from store import nights
from store.clock import civil_day

_EVERY = 0.5  # seconds between two looks


def run(
    environ: Mapping[str, str], moment: datetime, processes: int, watch: Callable[[list[Popen[bytes]]], None]
) -> bool:
    """Whether all of the night's portions are done when the processes have ended; ``watch`` sees them at work."""
    command = (sys.executable, "-m", "advice_engine.night", moment.isoformat())
    shares = [Popen(command, env=dict(environ)) for _ in range(processes)]
    columns = (TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=aside) as progress, _asking(environ) as conn:
            task = progress.add_task("", total=None)
            while any(share.poll() is None for share in shares):
                watch(shares)
                done, portions = nights.progress(conn, civil_day(moment), CHUNK)
                progress.update(task, completed=done * CHUNK, total=portions * CHUNK or None)
                time.sleep(_EVERY)
            done, portions = nights.progress(conn, civil_day(moment), CHUNK)
            progress.update(task, completed=done * CHUNK, total=portions * CHUNK)
    finally:
        for share in shares:
            share.terminate()
            share.wait()
    return done == portions


def _asking(environ: Mapping[str, str]) -> psycopg.Connection:
    return psycopg.connect(environ["PHR_DATABASE_URL"], autocommit=True, application_name="phr-night")
