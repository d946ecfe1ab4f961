"""No secret, no password and no citizen's name in any log, argument or error page: looked for, not believed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import httpx2
import psutil
import pytest

from phr_api.commands import demo_folder, demo_welcome
from phr_api.commands.secrets import vapid_key

PHR = (sys.executable, "-m", "phr_api.cli")
PATIENCE = 90.0
PASSWORD = "canary-of-the-database"
BROKER_PASSWORD = "canary-of-the-broker"


def arguments() -> str:
    """The command line and the title of every process of this machine, as anybody on it can read them."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found.append(f"{process.name()} {' '.join(process.cmdline())}")
    return "\n".join(found)


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[demo_folder.Folder, str]]:
    """A demo that lives for some seconds with every log at its most talkative: (its folder, its page)."""
    memory = Path("/dev/shm")
    place = Path(mkdtemp(prefix="phr-secret-", dir=memory if memory.is_dir() else None))
    words = ("up", "--people", "6", "--data", str(place / "demo"), "--port", "18580", "--mqtt-port", "18683")
    with (place / "said").open("wb") as said:
        running = subprocess.Popen(
            [*PHR, *words, "--mqtt-tls-port", "18783"],
            stdout=said,
            stderr=said,
            env=os.environ | {"PHR_LOG_LEVEL": "DEBUG"},
        )
    try:
        page = _page(place / "said", running)
        time.sleep(5)  # the town's devices measure
        yield demo_folder.find(place / "demo"), page
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(PATIENCE)
        rmtree(place)


def _page(said: Path, running: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and running.poll() is None:
        found = re.search(r"citizen page.*(http://[\d.:]+)/[\s\S]*Ctrl-C stops", said.read_text("utf-8"))
        if found:
            return found[1]
        time.sleep(0.2)
    raise AssertionError(f"the demo does not run: {said.read_text('utf-8')[-2000:]}")


def secrets_of(folder: demo_folder.Folder) -> dict[str, str]:
    """Every secret of the demo by its file. Its database has no password."""
    files = [file for file in folder.secrets.iterdir() if file.name not in ("database_url", "gateways.json")]
    found = {file.name: file.read_text("utf-8").strip() for file in files}
    return found | json.loads((folder.secrets / "gateways.json").read_text("utf-8"))


def test_the_demos_logs_and_arguments_hold_no_secret_and_no_name(demo: tuple[demo_folder.Folder, str]) -> None:
    folder, page = demo
    secrets = secrets_of(folder)
    assert {"master_key", "ingest_password", "vapid_private_key"} <= secrets.keys() and len(secrets) > 5
    names = {one.name for one in demo_welcome.residents(folder)}
    pages = "".join(_wrong(page))
    logs = {file.name: file.read_text("utf-8", "replace") for file in [*folder.logs.iterdir(), folder.database / "log"]}
    assert logs["api.log"] and logs["ingest.log"]
    for name, secret in secrets.items():
        places = {"arguments": arguments(), "error pages": pages, **logs}
        assert [place for place, text in places.items() if secret in text] == [], name
    for name in names:
        assert [place for place, text in logs.items() if name in text or name.replace(" ", "") in text] == []


def _wrong(page: str) -> Iterator[str]:
    """What the API answers to whoever asks wrongly."""
    with httpx2.Client(base_url=page, timeout=30) as client:
        for path in ("/none", "/api/me", "/metrics", "/api/records/x", "/nurse", "/static/../secrets", "/signin/none"):
            yield client.get(path).text
        for token in ("x", "x" * 43):
            yield client.get("/api/me", headers={"authorization": f"Bearer {token}"}).text
        yield client.post("/api/gateways", content=b"{").text
        yield client.post("/api/gateways", json={"code": "ABCD-EFGH-JKMN-PQRS"}).text


# A few, with a password of the database, which the demo has none of; the demo runs the others.
WORKERS = {
    "ingest": ("-m", "ingest"),
    "bridge": ("-m", "fhir_bridge"),
    "api": ("-m", "phr_api"),
    "broker files": ("-m", "ingest.broker_files", "{folder}"),
    "migrate": ("-m", "phr_api.cli", "migrate"),
    "backup": ("-m", "phr_api.cli", "backup", "make", "--to", "{folder}"),
}


TALKATIVE = ("api", "migrate", "backup", "broker files")  # the others first wait half a minute for the database


def test_no_worker_tells_its_secrets_when_nothing_can_be_reached(tmp_path: Path, free_port: int) -> None:
    secrets = {
        "PHR_DATABASE_URL": f"postgresql://phr:{PASSWORD}@127.0.0.1:{free_port}/phr",
        "PHR_MQTT_PASSWORD": BROKER_PASSWORD,
        "PHR_VAPID_PRIVATE_KEY": vapid_key(),
        "PHR_METRICS_TOKEN": "canary-of-prometheus",
        "PHR_MASTER_KEY": "C" * 43,
    }
    others = {
        "PHR_MQTT_PORT": str(free_port),
        "PHR_API_PORT": "0",
        "PHR_LOG_LEVEL": "DEBUG",
        "PHR_BACKUP_KEY": "B" * 43,
    }
    running = {}
    for name, words in WORKERS.items():
        command = [sys.executable, *(word.format(folder=tmp_path / name.replace(" ", "")) for word in words)]
        said = (tmp_path / f"{name}.log").open("wb")
        running[name] = subprocess.Popen(command, stdout=said, stderr=said, env=os.environ | others | secrets)
        said.close()
    logs = {name: tmp_path / f"{name}.log" for name in running}
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not all(logs[name].stat().st_size for name in TALKATIVE):
        time.sleep(0.2)
    assert all(logs[name].stat().st_size for name in TALKATIVE)
    seen = arguments()
    for process in running.values():
        process.terminate()
    for process in running.values():
        process.wait(PATIENCE)
    texts = {name: log.read_text("utf-8", "replace") for name, log in logs.items()}
    for secret in (*secrets.values(), PASSWORD):
        assert secret not in seen
        assert [name for name, text in texts.items() if secret in text] == []
