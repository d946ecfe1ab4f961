"""A certificate for the demo's broker, made on this machine."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from phr_api.certificates import authority, server
from phr_api.commands import demo_folder

_RENEW = timedelta(days=30)  # so long before its end it is made anew
_HOSTS = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM. Only the owner can read ``key``."""

    ca: Path
    cert: Path
    key: Path


def files(folder: Path) -> Certificates:
    """Where the certificates in ``folder`` are, or will be."""
    return Certificates(folder / "broker-ca.pem", folder / "broker-cert.pem", folder / "broker-key.pem")


def certificates(folder: Path, now: datetime | None = None) -> Certificates:
    """The certificates in ``folder``, made when there are none or they end soon."""
    kept = files(folder)
    moment = now or datetime.now(UTC)
    if not kept.key.exists() or _end(kept.cert) - moment < _RENEW:
        _make(kept, moment)
    return kept


def _end(cert: Path) -> datetime:
    return x509.load_pem_x509_certificate(cert.read_bytes()).not_valid_after_utc


def _make(kept: Certificates, now: datetime) -> None:
    ca = authority("sakata-phr demo CA", now)
    broker = server(ca, "sakata-phr demo broker", (*_HOSTS, socket.gethostname()), now)
    for file, text in ((kept.ca, ca.pem), (kept.cert, broker.cert), (kept.key, broker.key)):
        demo_folder.keep(file, text)
