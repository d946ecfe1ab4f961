import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from time import monotonic, sleep
from urllib.request import Request, urlopen

import ports
import pytest
from callers import Town


@pytest.fixture
def serving(database: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`python -m phr_api` on a free port, ready."""
    port = ports.free()
    env = os.environ | {"PHR_DATABASE_URL": database, "PHR_API_PORT": str(port)}
    command = [sys.executable, "-m", "phr_api"]
    with subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            _wait(process, f"http://127.0.0.1:{port}/readyz")
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _wait(process: subprocess.Popen[str], url: str) -> None:
    deadline = monotonic() + 60
    while monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:  # also a wait of 5 s on a busy machine
            sleep(0.1)
    pytest.fail("the API did not become ready")


def test_it_serves_until_it_is_told_to_stop_and_logs_nothing_personal(
    serving: tuple[subprocess.Popen[str], str], town: Town
) -> None:
    process, url = serving
    asked = Request(f"{url}/api/me?x=canary-7261", headers={"Authorization": f"Bearer {town.hanako_token}"})
    with urlopen(asked, timeout=10) as answer:
        assert "酒田 花子" in answer.read().decode()
        assert "server" not in answer.headers
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=30)
    assert process.returncode in (0, -signal.SIGTERM)
    assert town.hanako_token not in said and "花子" not in said and "canary-7261" not in said


def test_a_setting_that_does_not_fit_ends_it_with_one_sentence() -> None:
    environ = {**os.environ, "PHR_DATABASE_URL": "", "PHR_API_PORT": "8080"}
    done = subprocess.run([sys.executable, "-m", "phr_api"], env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "PHR_DATABASE_URL" in done.stderr
