"""Too much, too deep, in no encoding: a clear refusal, and the service's memory stays bounded."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from time import monotonic, sleep

import ports
import psutil
import pytest
from access_world import World
from conftest import Town

from phr_api.doors import COOKIE

MEGABYTE = 1_000_000
MOST_GROWTH = 60 * MEGABYTE


@pytest.fixture(scope="module")
def serving(server: str, settled: tuple[str, World]) -> Iterator[tuple[psutil.Process, int]]:
    """`python -m phr_api` over the invented town."""
    port = ports.free()
    env = os.environ | {"PHR_DATABASE_URL": server.format(database="phr_template"), "PHR_API_PORT": str(port)}
    with subprocess.Popen([sys.executable, "-m", "phr_api"], env=env, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port)
            yield psutil.Process(process.pid), port
        finally:
            process.kill()


def _wait(port: int) -> None:
    deadline = monotonic() + 60
    while monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            sleep(0.1)
    pytest.fail("the API did not become ready")


# what is told to whoever sends it to the end; /signout reads no body at all
FLOODED = [
    ("/api/entries", "application/json", 413),
    ("/api/readings?device=x", "application/json", 413),
    ("/api/gateways", "application/json", 413),
    ("/api/nurse/paper-consents", "multipart/form-data; boundary=b", 400),
    ("/signout", "application/x-www-form-urlencoded", 303),
]


@pytest.mark.parametrize(("path", "kind", "told"), FLOODED)
def test_a_hundred_megabytes_are_not_held(serving: tuple[psutil.Process, int], path: str, kind: str, told: int) -> None:
    process, port = serving
    before = process.memory_info().rss
    headers = {"Content-Type": kind, "Transfer-Encoding": "chunked", "Idempotency-Key": "key-0001"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as sender:
        sender.putrequest("POST", path)
        for name, value in headers.items():
            sender.putheader(name, value)
        sender.endheaders()
        most = _stream(sender, process)
        assert _told(sender) in (None, told)  # None: the service hung up on the sender
    assert most - before < MOST_GROWTH


@pytest.mark.parametrize("path", ["/api/entries", "/api/gateways"])
def test_what_is_too_large_by_its_own_word_is_refused_before_it_is_sent(
    serving: tuple[psutil.Process, int], path: str
) -> None:
    with closing(HTTPConnection("127.0.0.1", serving[1], timeout=30)) as sender:
        sender.putrequest("POST", path)
        sender.putheader("Content-Type", "application/json")
        sender.putheader("Content-Length", str(100 * MEGABYTE))
        sender.endheaders(b"[")
        assert sender.getresponse().status == 413


def _stream(sender: HTTPConnection, process: psutil.Process) -> int:
    """Send 100 MB in pieces, as far as the service takes them; the most memory that it held meanwhile."""
    most, piece = 0, b"[" * MEGABYTE
    try:
        for _ in range(100):
            sender.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            most = max(most, process.memory_info().rss)
        sender.send(b"0\r\n\r\n")
    except OSError:
        pass
    return max(most, process.memory_info().rss)


def _told(sender: HTTPConnection) -> int | None:
    try:
        return sender.getresponse().status
    except OSError:
        return None


ODD = {
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "utf-16": '{"readings": []}'.encode("utf-16"),
    "shift-jis": '{"code": "酒田"}'.encode("shift-jis"),
    "not utf-8": b'{"code": "\xff\xfe\xfd"}',
    "a long number": b'{"household": ' + b"9" * 200_000 + b"}",
    "infinity": b'{"household": 1e999, "code": NaN}',
    "the same key twice": b'{"code": "a", "code": "b", "code": "c"}',
    "half a character": b'{"code": "\\ud800", "label": "\\u0000"}',
    "xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "a bomb": b"PK\x03\x04" + bytes(50_000),
}
JSON_DOORS = ("/api/entries", "/api/gateways", "/api/gateway-codes", "/api/tokens", "/api/consents", "/api/readings")


@pytest.mark.parametrize("odd", ODD)
def test_what_nobody_can_read_is_refused_in_words(unchanged: Town, odd: str) -> None:
    headers = {"Cookie": f"{COOKIE}={unchanged.world.tokens['other']}", "Sec-Fetch-Site": "same-origin"}
    headers |= {"Content-Type": "application/json", "Idempotency-Key": "key-0001", "Content-Encoding": "gzip"}
    for path in JSON_DOORS[:-1]:
        for encoding in ("gzip", "identity"):
            asked = headers | {"Content-Encoding": encoding}
            answer = unchanged.client.post(path, content=ODD[odd], headers=asked)
            assert answer.status_code in (400, 404, 413, 415, 422), (path, answer.status_code)
            assert answer.headers["content-type"].startswith("application/problem+json")


def test_the_same_parameter_twice_is_one_thing_for_all(unchanged: Town) -> None:
    headers = {"Cookie": f"{COOKIE}={unchanged.world.tokens['other']}"}
    owner = unchanged.world.things["zqowner"]["public_id"]
    answer = unchanged.client.get(f"/api/consents?person={owner}&person=", headers=headers)
    assert answer.status_code in (404, 422)
    for twice in (f"person=&person={owner}", f"person={owner}&person={owner}", f"person[]={owner}", f"PERSON={owner}"):
        answer = unchanged.client.get(f"/api/consents?{twice}", headers=headers)
        assert owner not in answer.text and "zqowner" not in answer.text, twice


def test_personal_pages_are_kept_nowhere_and_framed_by_nobody(unchanged: Town) -> None:
    headers = {"Cookie": f"{COOKIE}={unchanged.world.tokens['self']}", "Accept": "text/html"}
    for path in ("/", "/consents", "/looks", "/devices", "/sessions", "/rights", "/api/me", "/nowhere"):
        said = unchanged.client.get(path, headers=headers).headers
        assert said["cache-control"] == "no-store", path
        assert "frame-ancestors 'none'" in said["content-security-policy"] and said["x-frame-options"] == "DENY"


def test_a_session_that_somebody_else_chose_is_worth_nothing(unchanged: Town) -> None:
    """Fixation: a cookie that was planted opens no door, and is not taken over by signing out."""
    for planted in ("planted", "A" * 43, "../" * 9, "'; --"):
        headers = {"Cookie": f"{COOKIE}={planted}", "Sec-Fetch-Site": "same-origin"}
        assert unchanged.client.get("/api/me", headers=headers).status_code == 401
        said = unchanged.client.post("/signout", headers=headers).headers["set-cookie"]
        assert planted not in said
