"""The one folder that holds a demo's whole state: marker, secrets, database, broker, logs."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from shutil import rmtree
from typing import Any

from phr_api.commands.own_name import phr
from phr_api.commands.problem import Problem

MARKER = "phr-demo.json"
_FOLDERS = ("logs", "inbox", "records", "broker", "secrets")


@dataclass(frozen=True, slots=True)
class Folder:
    """Paths of one demo. Only the owner can enter its folders."""

    path: Path

    @property
    def marker(self) -> Path:
        return self.path / MARKER

    @property
    def database(self) -> Path:
        return self.path / "pg"

    @property
    def broker(self) -> Path:
        return self.path / "broker"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def inbox(self) -> Path:
        return self.path / "inbox"

    @property
    def records(self) -> Path:
        return self.path / "records"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"


def prepare(path: Path, *, fresh: bool = False) -> Folder:
    """Make or continue the demo's folder. Raises Problem for a folder that is something else."""
    folder = Folder(path.expanduser().resolve())
    if folder.path.exists() and not folder.path.is_dir():
        raise Problem(f"{path} is not a folder: choose another with --data")
    if folder.path.is_dir() and any(folder.path.iterdir()) and not folder.marker.is_file():
        raise Problem(f"{path} holds something else than a demo (no {MARKER} in it): choose another with --data")
    if fresh and folder.marker.is_file():
        with lock(folder):
            rmtree(folder.path)
    for name in _FOLDERS:
        (folder.path / name).mkdir(parents=True, exist_ok=True)
        (folder.path / name).chmod(0o700)
    if not folder.marker.exists():
        remember(folder)
    return folder


def find(path: Path) -> Folder:
    """The demo in an existing folder. Raises Problem when there is none."""
    folder = Folder(path.expanduser().resolve())
    if not folder.marker.is_file():
        raise Problem(f"no demo in {path}: start one with `{phr()} up --data {path}`")
    return folder


def state(folder: Folder) -> dict[str, Any]:
    """What the marker remembers: ``people``, ``seed``, ``seeded_at``, ``api_port``, ``mqtt_port``."""
    known: dict[str, Any] = json.loads(folder.marker.read_text("utf-8"))
    return known


def remember(folder: Folder, **facts: Any) -> None:
    """Add facts to the marker; written whole or not at all."""
    known = state(folder) if folder.marker.exists() else {"what": "demo data of `phr up`: invented people only"}
    draft = folder.marker.with_suffix(".new")
    draft.write_text(json.dumps({**known, **facts}, ensure_ascii=False, indent=1) + "\n", "utf-8")
    draft.replace(folder.marker)


def seeded_at(folder: Folder) -> datetime:
    """When the town was written. Raises Problem while there is none."""
    at = state(folder).get("seeded_at")
    if not at:
        raise Problem(f"the demo in {folder.path} has no town yet: run `{phr()} up --data {folder.path}` first")
    return datetime.fromisoformat(at)


@contextmanager
def lock(folder: Folder) -> Iterator[None]:
    """Hold the folder alone. Raises Problem while another `phr up` runs in it."""
    with (folder.path / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Problem(f"a demo already runs in {folder.path}: stop it first, or choose another --data") from None
        yield


def running(folder: Folder) -> bool:
    """Whether a `phr up` holds this folder now."""
    try:
        with lock(folder):
            return False
    except Problem:
        return True


def secret(folder: Folder, name: str, make: Callable[[], str]) -> Path:
    """The file of a secret, made once; only the owner can read it."""
    file = folder.secrets / name
    if not file.exists():
        keep(file, make())
    return file


def master_key(folder: Folder) -> Path:
    """The file with the key that the demo's names and identifiers are sealed under."""
    return secret(folder, "master_key", lambda: token_urlsafe(32))


def keep(file: Path, text: str) -> None:
    """Write a secret that only the owner can read, whole or not at all."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(file)


def free_port(wanted: int, taken: tuple[int, ...] = ()) -> int:
    """``wanted``, or the next port that nothing listens on."""
    for port in range(wanted, min(wanted + 200, 65536)):
        if port not in taken and _free(port):
            return port
    raise Problem(f"no free port from {wanted} on: name another with --port or --mqtt-port")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
