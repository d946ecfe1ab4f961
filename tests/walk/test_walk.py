"""The whole walk as a newcomer does it: `phr up`, its printed line pasted, the pages looked at, Ctrl-C, again."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from queue import Empty, Queue
from shutil import rmtree
from tempfile import mkdtemp
from threading import Thread

import httpx2
import psutil
import psycopg
import pytest

from devices import payloads

PHR = (sys.executable, "-m", "phr_api.cli")
PATIENCE = 60.0


@dataclass
class Demo:
    """A `phr up` process and what it has printed."""

    folder: Path
    process: subprocess.Popen[str]
    printed: list[str] = field(default_factory=list)
    fresh: Queue[str] = field(default_factory=Queue)
    people: ExitStack = field(default_factory=ExitStack)  # who looks at its pages

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first printed line that matches."""
        for line in self._lines():
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"not printed: {pattern}; printed were: {''.join(self.printed)}")

    def _lines(self) -> Iterator[str]:
        yield from list(self.printed)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(Empty):
                line = self.fresh.get(timeout=0.2)
                self.printed.append(line)
                yield line

    @property
    def paste_line(self) -> str:
        return self.wait_for(r"^mosquitto_pub .*").group()

    @property
    def page(self) -> str:
        return self.wait_for(r"citizen page.*(http://[\d.:]+)/").group(1)


def start(folder: Path, mqtt_port: int) -> Demo:
    words = (
        "up",
        "--people",
        "6",
        "--no-live",
        "--data",
        str(folder),
        "--port",
        "18480",
        "--mqtt-port",
        str(mqtt_port),
    )
    process = subprocess.Popen([*PHR, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    demo = Demo(folder, process)

    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                demo.fresh.put(line)

    Thread(target=read, daemon=True).start()
    return demo


def stop(demo: Demo, number: int) -> int:
    demo.people.close()
    demo.process.send_signal(number)
    return demo.process.wait(PATIENCE)


def left_behind(folder: Path) -> list[str]:
    """Every process that names the demo's folder in its command or its settings."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if str(folder) in " ".join((*process.cmdline(), *process.environ().values())):
                found.append(" ".join(process.cmdline()))
    return found


def eventually(what: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.1)


def as_citizen(demo: Demo, name: str) -> httpx2.Client:
    """Sign in the way the demo's pages offer: by choosing the person at the demo's provider."""
    return _chosen(demo, "citizen", rf"<strong>{name}<")


def as_nurse(demo: Demo) -> httpx2.Client:
    return _chosen(demo, "staff", 'name="staff_id"')


def _chosen(demo: Demo, door: str, mark: str) -> httpx2.Client:
    client = demo.people.enter_context(httpx2.Client(base_url=demo.page, follow_redirects=True, timeout=30))
    forms = client.get(f"/signin/{door}").text.split("<form ")[1:]
    form = next((one for one in forms if re.search(mark, one)), None)
    assert form, f"{mark} is not on the sign-in page"
    fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    assert client.post(f"/demo-idp/{door}/authorize", data=fields).status_code == 200
    return client


def seen(client: httpx2.Client, path: str = "/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(answer.text)))


def shell(line: str) -> None:
    subprocess.run(line, shell=True, check=True, timeout=PATIENCE)


def phr_import(demo: Demo, *files: Path) -> subprocess.CompletedProcess[str]:
    command = [*PHR, "import", "--data", str(demo.folder), *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)


@pytest.fixture(scope="module")
def taken_port() -> Iterator[int]:
    """A port that somebody else listens on, as a system's own Mosquitto would on 1883."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture(scope="module")
def demo(taken_port: int) -> Iterator[Demo]:
    place = Path(mkdtemp(prefix="phr-walk-"))
    started = start(place / "demo", taken_port)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            stop(started, signal.SIGTERM)
        rmtree(place)


def test_the_pasted_line_shows_on_the_citizens_page(demo: Demo) -> None:
    line = demo.paste_line
    weight = re.search(r'"weight": ([\d.]+)', line)
    assert weight
    citizen = as_citizen(demo, "砂越 健一")
    assert f"{weight[1]} kg" not in seen(citizen)
    shell(line)
    eventually(lambda: f"{weight[1]} kg" in seen(citizen))
    assert "診断ではありません" in seen(citizen)


def test_the_gateway_may_not_speak_for_another(demo: Demo) -> None:
    other = demo.paste_line.replace("phr/v1/gw-001/scale-01", "phr/v1/gw-002/scale-02")
    assert other != demo.paste_line
    refused = subprocess.run(other, shell=True, capture_output=True, text=True, timeout=PATIENCE)
    assert "Not authorized" in refused.stderr
    wrong = re.sub(r"-P \S+", "-P guessed", demo.paste_line)
    assert subprocess.run(wrong, shell=True, capture_output=True, timeout=PATIENCE).returncode != 0


def test_very_high_pressure_speaks_to_the_citizen_and_reaches_the_nurse(demo: Demo) -> None:
    citizen, nurse = as_citizen(demo, "最上 茂"), as_nurse(demo)
    warning = "血圧がとても高いときがありました"
    assert warning not in seen(citizen)
    address = demo.paste_line.partition(" -u ")[0]
    password = re.search(r'"gw-005": "([^"]+)"', (demo.folder / "secrets" / "gateways.json").read_text())
    assert password
    for minutes in (9, 2):
        frame = payloads.gatt_blood_pressure(192, 114, 80, datetime.now(UTC) - timedelta(minutes=minutes)).hex()
        shell(f"{address} -u gw-005 -P {password[1]} -t phr/v1/gw-005/cuff-05 -m {frame}")
    eventually(lambda: warning in seen(citizen))
    assert "192/114 mmHg" in seen(citizen)
    eventually(lambda: "最上 茂" in seen(nurse, "/nurse") and "192/114 mmHg" in seen(nurse, "/nurse"))
    demo.wait_for(r"最上 茂  血圧 192/114 mmHg → .+")


@pytest.mark.interop
def test_the_sample_checkup_shows_its_verdict_and_both_referrals(demo: Demo, shared: Path) -> None:
    sample = shared / "interop" / "jp-echeckup" / "Bundle-Bundle-eCheckupReport-Sample-01.json"
    done = phr_import(demo, sample)
    assert done.returncode == 0, done.stderr
    citizen = as_citizen(demo, "飛島 一郎")
    eventually(lambda: "7.0" in seen(citizen) and "149" in seen(citizen))
    page = seen(citizen)
    assert "非該当" in page
    assert "HbA1c" in page
    again = phr_import(demo, sample)
    assert again.returncode == 0
    assert re.search(r"known +0 +0 +0", again.stdout)


def test_a_file_that_cannot_be_read_is_refused_with_exit_code_1(demo: Demo, tmp_path: Path) -> None:
    torn = tmp_path / "torn.json"
    torn.write_text('{"resourceType": "Bundle", "type"')
    done = phr_import(demo, torn)
    assert done.returncode == 1
    assert "refused" in done.stdout


def test_a_killed_worker_comes_back_and_nothing_is_lost(demo: Demo) -> None:
    citizen = as_citizen(demo, "砂越 健一")
    ingest = next(one for one in psutil.Process(demo.process.pid).children() if "ingest" in one.cmdline())
    ingest.kill()
    shell(re.sub(r'"weight": [\d.]+', '"weight": 93.4', demo.paste_line))
    demo.wait_for(r"! ingest stopped \(killed by SIGKILL.*starting it again")
    eventually(lambda: "93.4 kg" in seen(citizen))


def test_a_second_demo_in_the_same_folder_is_refused(demo: Demo) -> None:
    second = subprocess.run([*PHR, "up", "--data", str(demo.folder)], capture_output=True, text=True, timeout=PATIENCE)
    assert second.returncode == 1
    assert "a demo already runs" in second.stderr


def test_a_taken_port_is_said_and_another_is_used(demo: Demo, taken_port: int) -> None:
    assert demo.wait_for(rf"MQTT broker +127.0.0.1:(\d+) +\({taken_port} is taken\)")[1] != str(taken_port)
    assert f" -p {taken_port} " not in demo.paste_line


def test_the_simulated_town_measures_and_is_understood(demo: Demo) -> None:
    command = [*PHR, "simulate", "--data", str(demo.folder), "--speed", "1200", "--seconds", "4"]
    subprocess.run(command, check=True, timeout=PATIENCE)
    demo.wait_for(r"^\d\d:\d\d:\d\d  .+ → .+")
    with psycopg.connect((demo.folder / "secrets" / "database_url").read_text()) as conn:
        refused = conn.execute("select reason from health.rejections where gateway_id is not null").fetchall()
    assert refused == []
    assert "pedometer-01" in (demo.folder / "simulator.json").read_text()


def test_the_bench_measures_from_publish_to_visible(demo: Demo) -> None:
    command = [*PHR, "bench", "walk", "--n", "3", "--alarms", "2", "--data", str(demo.folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    found = json.loads(done.stdout)
    assert (found["n"], found["lost"], found["bar_p95_ms"]) == (3, 0, 2000)
    assert 0 < found["visible_ms"]["p50"] <= found["visible_ms"]["p95"] <= found["visible_ms"]["max"]
    assert found["advice_ms"]["p50"] >= found["visible_ms"]["p50"]
    assert found["alarm_ms"]["max"] > 0 and found["bar_alarm_max_ms"] == 5000
    assert "publish to visible" in done.stderr


def test_ctrl_c_leaves_nothing_running_and_the_next_start_continues(demo: Demo, taken_port: int) -> None:
    line = demo.paste_line
    assert left_behind(demo.folder)
    assert stop(demo, signal.SIGINT) == 0
    demo.wait_for("stopped; everything is kept")
    assert left_behind(demo.folder) == []
    again = start(demo.folder, taken_port)
    try:
        assert again.paste_line == line
        assert not [printed for printed in again.printed if "making the town" in printed]
        assert "192/114 mmHg" in seen(as_citizen(again, "最上 茂"))
    finally:
        assert stop(again, signal.SIGTERM) == 0
    assert left_behind(demo.folder) == []
