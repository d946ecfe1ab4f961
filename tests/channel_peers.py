"""The other sides of the channels, for tests: they check what the real ones check, and answer as they are told.

``LINE``, Google's token endpoint and FCM, and an SMS gateway behind one HTTP server; a mail server of its own.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import time
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import RSAKey

from store.settings import Settings

LINE_TOKEN, SMS_SECRET = "line channel token", "a secret of the SMS gateway, long enough"
LINE_SECRET = "line channel secret"
ACCOUNT = "sender@sakata-phr.iam.gserviceaccount.com"
SERVICE_KEY = rsa.generate_private_key(65537, 2048)
Reply = tuple[int, Mapping[str, str], object]  # status, headers, JSON body


@dataclass
class Services:
    """``taken``: (service, what was accepted). ``answer``: what the next requests get instead, ``slow``: nothing.

    ``asked``: paths of every request; ``access``: tokens that the token endpoint gave out.
    """

    origin: str
    answer: Reply | str | None = None
    taken: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    access: set[str] = field(default_factory=set)
    invited: list[Mapping[str, Any]] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    def forget(self) -> None:
        """As new: nothing was asked, nothing is known."""
        self.answer = None
        for known in (self.taken, self.asked, self.keys, self.access, self.invited):
            known.clear()

    def settings(self, **more: Any) -> Settings:
        """Every channel of ours leads here."""
        return Settings(**{"public_url": "https://phr.example.jp"} | self.ways() | more)

    def ways(self) -> dict[str, Any]:
        """The channels' settings."""
        return {
            "master_key": "A" * 43,
            "line_channel_token": LINE_TOKEN,
            "line_channel_secret": LINE_SECRET,
            "line_api": self.origin,
            "fcm_service_account": service_account(),
            "fcm_api": self.origin,
            "fcm_token_url": f"{self.origin}/token",
            "sms_url": f"{self.origin}/sms",
            "sms_secret": SMS_SECRET,
        }

    def reply(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self.asked.append(path)
        if path == "/token":
            return self._token(parse_qs(body.decode()))
        refusal = self._refusal(path, headers, body)
        if refusal:
            return refusal
        if self.answer == "slow" and not self.closing.wait(10):
            return 503, {}, {}  # nobody waits any more: this is not taken
        return self.answer if isinstance(self.answer, tuple) else self._take(path, headers, json.loads(body))

    def _refusal(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply | None:
        """What every request must have, before anything else."""
        bearer = headers.get("Authorization", "").removeprefix("Bearer ")
        if path == "/sms":
            signed = hmac.digest(SMS_SECRET.encode(), headers["X-PHR-Timestamp"].encode() + b"." + body, "sha256").hex()
            fits = (
                headers["X-PHR-Signature"] == f"sha256={signed}" and abs(time() - int(headers["X-PHR-Timestamp"])) < 60
            )
            return None if fits else (401, {}, {})
        known = bearer in self.access if path.startswith("/v1/") else bearer == LINE_TOKEN
        return None if known and headers["Content-Type"] == "application/json" else (401, {}, {"message": "who?"})

    def _take(self, path: str, headers: Mapping[str, str], said: Mapping[str, Any]) -> Reply:
        if path == "/v2/bot/message/push":
            key = str(UUID(headers["X-Line-Retry-Key"]))
            [one] = said["messages"]
            assert one["type"] == "text" and len(one["text"]) <= 5000 and said["to"]
            return self._once("line", key, said, 409)
        if path == "/sms":
            assert set(said) == {"id", "to", "text", "receipt"} and said["to"].startswith("+81")
            return self._once("sms", str(UUID(said["id"])), said, 409)
        if path == "/v1/projects/sakata-phr/messages:send":
            self.taken.append(("fcm", said["message"]))
            return 200, {}, {"name": "projects/sakata-phr/messages/1"}
        if path.endswith("/linkToken"):
            return 200, {}, {"linkToken": f"linktoken{path.split('/')[4]}"}
        assert path == "/v2/bot/message/reply", path
        self.invited.append(said)
        return 200, {}, {}

    def _once(self, service: str, key: str, said: Mapping[str, Any], again: int) -> Reply:
        if key in self.keys:
            return again, {}, {"message": "already accepted"}
        self.keys.add(key)
        self.taken.append((service, said))
        return 200, {}, {"sentMessages": [{"id": "1"}]}

    def _token(self, form: Mapping[str, list[str]]) -> Reply:
        """RFC 7523: the assertion is the account's own, for this endpoint, and of now."""
        claims = jwt.decode(form["assertion"][0], RSAKey.import_key(_pem()), algorithms=["RS256"]).claims
        fits = (
            form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
            and claims["aud"] == f"{self.origin}/token"
            and claims["iss"] == ACCOUNT
            and claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
            and claims["iat"] <= time() + 1 < claims["exp"] <= claims["iat"] + 3600
        )
        if not fits:
            return 400, {}, {"error": "invalid_grant"}
        self.access.add(f"access {len(self.access)}")
        return 200, {}, {"access_token": f"access {len(self.access) - 1}", "expires_in": 3599}


def line_signed(body: bytes, secret: str = LINE_SECRET) -> dict[str, str]:
    """The header that LINE sends with a webhook."""
    return {"X-Line-Signature": b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()}


def service_account() -> str:
    said = {"project_id": "sakata-phr", "client_email": ACCOUNT, "private_key_id": "k1", "private_key": _pem()}
    return json.dumps({"type": "service_account", **said})


def _pem() -> str:
    return SERVICE_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def unregistered() -> Reply:
    """FCM of a token whose app was taken off."""
    detail = {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "UNREGISTERED"}
    return 404, {}, {"error": {"code": 404, "status": "NOT_FOUND", "details": [detail]}}


@contextmanager
def services() -> Iterator[Services]:
    """All of them on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(lambda: made))
    made = Services(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


def _handler(made: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                status, headers, said = made().reply(self.path, self.headers, body)
            except Exception as fault:  # what a real service would not understand
                status, headers, said = 400, {}, {"message": repr(fault)}
            text = json.dumps(said).encode()
            try:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)
            except OSError:
                pass  # the caller gave up waiting

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def plain_login(line: bytes) -> list[str]:
    """Name and password of SMTP's ``AUTH PLAIN`` (RFC 4616)."""
    return b64decode(line.split()[2]).decode().split("\0")[1:]
