"""An OpenID provider of our own making over real HTTP, whose every answer a test can bend."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

CLIENT, SECRET = "sakata", "the client's secret"


def new_key(kid: str = "first") -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": kid})


@dataclass
class Peer:
    """``bend`` changes the claims, ``sign`` makes the token of them; ``codes`` are good once, as RFC 6749 wants it."""

    issuer: str
    keys: list[ECKey] = field(default_factory=lambda: [new_key()])
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)  # code -> (PKCE challenge, nonce)
    subject: str = "subject-1"
    bend: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    sign: Callable[[dict[str, Any]], str] | None = None
    asked: list[str] = field(default_factory=list)
    down: bool = False

    def authorize(self, address: str, code: str = "code-1") -> dict[str, str]:
        """What the browser brings back when somebody signed in under this address."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code" and query["code_challenge_method"] == "S256"
        self.codes[code] = (query["code_challenge"], query["nonce"])
        return {"code": code, "state": query["state"], "iss": self.issuer}

    def answer(self, path: str) -> dict[str, Any] | None:
        if path == "/keys":
            return dict(KeySet(self.keys).as_dict(private=False))
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            return {"issuer": self.issuer} | {name: f"{self.issuer}/{end}" for name, end in ends.items()}
        return None

    def redeem(self, form: dict[str, list[str]]) -> dict[str, Any] | None:
        challenge, nonce = self.codes.pop(form["code"][0], ("", ""))
        made = urlsafe_b64encode(sha256(form["code_verifier"][0].encode()).digest()).rstrip(b"=").decode()
        if made != challenge:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, "nonce": nonce}
        claims = self.bend(claims | {"iat": now, "exp": now + 300, "auth_time": now})
        return {"id_token": (self.sign or self.signed)(claims), "access_token": "-", "token_type": "Bearer"}

    def signed(self, claims: dict[str, Any]) -> str:
        key = self.keys[-1]
        return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


@contextmanager
def running() -> Iterator[Peer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    peer = Peer(f"http://127.0.0.1:{server.server_address[1]}")
    server.peer = peer  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield peer
    server.shutdown()
    server.server_close()
    thread.join()


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        peer: Peer = self.server.peer  # type: ignore[attr-defined]
        peer.asked.append(self.path)
        self._send(None if peer.down else peer.answer(self.path), 503)

    def do_POST(self) -> None:
        peer: Peer = self.server.peer  # type: ignore[attr-defined]
        peer.asked.append(self.path)
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._send(peer.redeem(form), 400)

    def _send(self, body: dict[str, Any] | None, otherwise: int) -> None:
        sent = json.dumps(body or {"error": "invalid_grant"}).encode()
        self.send_response(200 if body else otherwise)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: object) -> None: ...
