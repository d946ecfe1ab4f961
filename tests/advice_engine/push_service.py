"""A push service and a browser for tests: real TLS, real VAPID signatures (RFC 8292), real aes128gcm (RFC 8291).

The service answers as its path says (``/201/…``, ``/410/…``, ``/slow/…``), but only to a request that is signed for
it; all else gets 403. What it takes, the browser can read with its own key.
"""

from __future__ import annotations

import json
import ssl
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import http_ece
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets(base64url: str) -> bytes:
    return urlsafe_b64decode(base64url + "=" * (-len(base64url) % 4))


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def raw(key: ec.EllipticCurvePrivateKey) -> str:
    """A private key as the setting wants it."""
    return text(key.private_numbers().private_value.to_bytes(32, "big"))


@dataclass(frozen=True)
class Browser:
    """The receiving end of a subscription."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    auth: bytes = b"sixteen octets!!"

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": text(point(self.key)), "auth": text(self.auth)}

    def read(self, body: bytes) -> dict[str, Any]:
        found = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        return dict(json.loads(found))


@dataclass
class PushService:
    """``taken``: (path, headers, body) of every request that was accepted; ``asked``: paths of all requests."""

    origin: str
    application_key: bytes  # the city's public key: subscriptions are bound to it
    taken: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    def url(self, answer: object, name: str = "browser") -> str:
        return f"{self.origin}/{answer}/{name}"

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        self.asked.append(path)
        if not self._signed(headers.get("Authorization", "")) or headers.get("Content-Encoding") != "aes128gcm":
            return 403
        wanted = path.split("/")[1]
        if wanted == "slow":
            self.closing.wait(10)
            return 201
        if wanted == "201":
            self.taken.append((path, headers, body))
        return int(wanted)

    def _signed(self, authorization: str) -> bool:
        scheme, _, rest = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        signed, _, signature = parts["t"].rpartition(".")
        header, claims = (json.loads(octets(part)) for part in signed.split("."))
        numbers = octets(signature)
        der = encode_dss_signature(int.from_bytes(numbers[:32], "big"), int.from_bytes(numbers[32:], "big"))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets(parts["k"]))
        public.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))  # raises when it does not fit
        left = claims["exp"] - datetime.now(UTC).timestamp()
        return (
            (scheme, header["alg"], claims["aud"]) == ("vapid", "ES256", self.origin)
            and octets(parts["k"]) == self.application_key
            and 0 < left <= 24 * 60 * 60
            and claims["sub"].startswith("mailto:")
        )


@contextmanager
def running(folder: Path, application_key: bytes) -> Iterator[PushService]:
    """A push service on a free local port; ``folder/ca.pem`` is the certificate that its callers must trust."""
    certificate(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(lambda: service))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    service = PushService(f"https://localhost:{server.server_port}", application_key)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield service
    service.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


def _handler(service: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                status = service().answer(self.path, self.headers, body)
            except Exception:  # an unsigned or wrongly signed request
                status = 403
            try:
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", "1200")
                if status == 302:
                    self.send_header("Location", service().url(201, "elsewhere"))
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                pass  # the caller gave up waiting

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def certificate(folder: Path) -> None:
    key = new_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
