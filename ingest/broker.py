"""The Mosquitto of `phr up` and of the tests: its configuration, its life, its passwords.

Mosquitto's defaults lose data: it keeps 1,000 messages for a client that is away and drops the rest after
acknowledging them, and it saves its state every 30 minutes. What is set here, and why, is written beside each line.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from store.gateways import RESERVED, gateway_of
from store.gateways import password_hash as password_hash

INGEST_USER = "ingest"
_ELSEWHERE = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")

_CONFIG = """\
listener {port} {address}
socket_domain ipv4
{inside}
{tls}
{user}
# Whose signal makes it read the passwords again (ingest/gatekeeper.py).
pid_file {folder}/{pid_file}

# Everybody has a name, and the name is the topic prefix.
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/acl

# What is acknowledged to a gateway survives the broker: saved after {changes} changes and every time that the broker
# stops. SIGKILL or a power cut can lose what came since the last save; the gateway has its acknowledgement by then.
persistence true
persistence_location {folder}/state/
autosave_on_changes true
autosave_interval {changes}

# The ingest worker may be away for days: keep everything for it, also what gateways sent with QoS 0.
max_queued_messages 0
queue_qos0_messages true
# As many unacknowledged messages as the worker holds (it names its own bound when it connects).
max_inflight_messages 65535
max_packet_size 4194304
set_tcp_nodelay true

log_dest stderr
# Who came in, for the gatekeeper, which also keeps it short.
log_dest file {folder}/{log_file}
log_timestamp_format %Y-%m-%dT%H:%M:%S
log_type error
log_type warning
log_type notice
"""

_TLS = """
# For whoever comes over the internet. Every TLS 1.2 client can: an ESP32 has no 1.3.
listener {port} {address}
socket_domain ipv4
certfile {cert}
keyfile {key}
tls_version tlsv1.2
# Here a name has one session, its own: else a gateway that calls itself `ingest-1` would take over the worker's, cut it
# off, and have the broker throw away what waits there.
use_username_as_clientid true
"""

_INSIDE = """
# The workers' own line is no plainer for being inside.
certfile {cert}
keyfile {key}
tls_version tlsv1.2
"""

_ACL = """\
# The ingest worker reads everything and writes nothing that counts; a gateway writes below its own name, reads nothing.
user {ingest}
topic read phr/v1/#
topic read $SYS/broker/store/messages/count

pattern write phr/v1/%u/#

# What an OpenMQTTGateway says of itself every two minutes is no measurement: a town of them would fill the rejections.
# (Its last will, LWT, comes seldom. Mosquitto 2.0.11 lets in who may not write their will; another broker may not.)
pattern deny phr/v1/%u/SYStoMQTT
pattern deny phr/v1/%u/RLStoMQTT
pattern deny phr/v1/%u/+/SYStoMQTT
pattern deny phr/v1/%u/+/RLStoMQTT
"""


# A renewed secret's user name is the gateway's with a number behind it: it writes where the gateway writes.
_RENEWED = """
user {user}
topic write phr/v1/{gateway}/#
topic deny phr/v1/{gateway}/SYStoMQTT
topic deny phr/v1/{gateway}/RLStoMQTT
topic deny phr/v1/{gateway}/+/SYStoMQTT
topic deny phr/v1/{gateway}/+/RLStoMQTT
"""

PID_FILE = "mosquitto.pid"
LOG_FILE = "connections.log"


@dataclass(frozen=True, slots=True)
class Tls:
    """A second listener, for TLS: the server's certificate chain and its private key, both PEM.

    ``inside``: certificate and key of the first listener, the workers' own, which is plain MQTT without them.
    """

    cert: Path
    key: Path
    port: int = 8883
    inside: tuple[Path, Path] | None = None


class BrokerFault(Exception):
    """Mosquitto is missing or does not start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A running Mosquitto."""

    port: int
    pid: int

    def reload(self) -> None:
        """Read the password and access files again (after ``admit``).

        Connections whose password still holds stay. Others are cut at once (measured with 2.0.11): the broker keeps
        every client's password and tries it against the new file.
        """
        os.kill(self.pid, signal.SIGHUP)


def prepare(
    folder: Path,
    *,
    port: int,
    gateways: Sequence[tuple[str, str]],
    ingest_password: str,
    saved_after: int = 100,
    address: str = "127.0.0.1",
    tls: Tls | None = None,
) -> Path:
    """Write configuration, password file and access list; returns the configuration's path.

    ``gateways`` are (name, password hash) as ``store.gateways.all_live`` gives them. When they change, ``admit``
    and ``Broker.reload``. ``saved_after``: the broker saves its state after that many changes, which
    bounds what a power cut can lose (1: the last message, at a tenth of the speed).
    """
    (folder / "state").mkdir(parents=True, exist_ok=True)
    admit(folder, gateways, ingest_password)
    _write(folder / "passwords.closed", f"{INGEST_USER}:{password_hash(ingest_password)}\n")
    text = _CONFIG.format(
        port=port,
        address=address,
        inside=_inside(tls) if tls else "",
        tls=_TLS.format(port=tls.port, address=address, cert=tls.cert.resolve(), key=tls.key.resolve()) if tls else "",
        # Started by root, Mosquitto would become the user `mosquitto`, who can't read these files.
        user="user root" if os.geteuid() == 0 else "",
        folder=folder.resolve(),
        pid_file=PID_FILE,
        log_file=LOG_FILE,
        changes=saved_after,
    )
    _write(folder / "mosquitto.conf", text)
    return folder / "mosquitto.conf"


def _inside(tls: Tls) -> str:
    return _INSIDE.format(cert=tls.inside[0].resolve(), key=tls.inside[1].resolve()) if tls.inside else ""


def admit(folder: Path, gateways: Sequence[tuple[str, str]], ingest_password: str) -> None:
    """Write password file and access list: who may come in from the broker's next ``reload`` on, and write where.

    Raises ValueError: reserved.
    """
    taken = sorted(RESERVED.intersection(name for name, _ in gateways))
    if taken:
        raise ValueError(f"reserved names can't be gateways: {', '.join(taken)}")
    renewed = [_RENEWED.format(user=name, gateway=gateway_of(name)) for name, _ in gateways if gateway_of(name) != name]
    _write(folder / "acl", _ACL.format(ingest=INGEST_USER) + "".join(renewed))
    users = [(INGEST_USER, password_hash(ingest_password)), *gateways]
    _write(folder / "passwords", "".join(f"{name}:{kept}\n" for name, kept in users))


def program() -> str:
    """Where Mosquitto's program is, also where PATH does not look. Raises BrokerFault with what to install."""
    found = which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", os.defpath), *_ELSEWHERE]))
    if found is None:
        raise BrokerFault(
            "mosquitto is missing: install it (Debian/Ubuntu: apt-get install mosquitto mosquitto-clients)"
        )
    return found


@contextmanager
def running(config: Path, *, patience: float = 15) -> Iterator[Broker]:
    """Run Mosquitto on a prepared configuration; ready when the block begins, stopped and saved when it ends.

    It has a session of its own, so that the terminal's Ctrl-C reaches us first and the workers can still
    acknowledge. Its words go to ``mosquitto.log`` beside the configuration. Raises BrokerFault.
    """
    port = int(config.read_text("utf-8").split(maxsplit=2)[1])
    _refuse_taken(port)
    with (config.parent / "mosquitto.log").open("ab") as log:
        child = subprocess.Popen(
            [program(), "-c", str(config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_until_ready(child, port, config.parent / "mosquitto.log", patience)
        yield Broker(port, child.pid)
    finally:
        _stop(child)


def _write(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone."""
    fresh = path.with_suffix(".new")
    with suppress(FileNotFoundError):
        fresh.unlink()
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise BrokerFault(f"port {port} is taken by another program: choose another MQTT port") from None


def _wait_until_ready(child: subprocess.Popen[bytes], port: int, log: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if child.poll() is not None:
            last = log.read_text("utf-8", "replace").splitlines()[-2:]
            raise BrokerFault(f"mosquitto stopped at once: {' '.join(last)} (see {log})")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise BrokerFault(f"mosquitto did not answer on port {port} within {patience:g} s (see {log})")


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(15)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
