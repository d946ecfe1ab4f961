"""The demonstration's OpenID provider: no passwords, its key and codes live as long as the process.

It exists in the embedded mode alone (``create_app``), so that the demo signs in by the very code that a city's
provider is asked with.
"""

from __future__ import annotations

import time
from base64 import b64decode
from dataclasses import dataclass
from hmac import compare_digest
from secrets import token_urlsafe
from threading import Lock
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from store.settings import Settings

CODE_SECONDS, TOKEN_SECONDS = 60, 300


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request (OpenID Connect Core 1.0, section 3.1.2.1) as the desk understands it."""

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str


@dataclass(frozen=True, slots=True)
class _Given:
    asked: Asked
    door: str
    subject: str
    at: float


class Desk:
    """Codes given and not yet redeemed, and the key that signs ID tokens."""

    def __init__(self, settings: Settings) -> None:
        self.url = f"{settings.public_url.rstrip('/')}/demo-idp"
        self._redirects = f"{settings.public_url.rstrip('/')}/signin/callback"
        self.client_id, self.client_secret = "phr", token_urlsafe(32)
        self.key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self._codes: dict[str, _Given] = {}
        self._lock = Lock()

    def issuer(self, door: str) -> str:
        return f"{self.url}/{door}"

    def metadata(self, door: str) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0, section 3."""
        issuer = self.issuer(door)
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }

    def keys(self) -> dict[str, Any]:
        return dict(KeySet([self.key]).as_dict(private=False))

    def knows(self, door: str, asked: Asked) -> bool:
        """Whether the one client asks, for its one address."""
        return (asked.client_id, asked.redirect_uri) == (self.client_id, f"{self._redirects}/{door}")

    def give(self, door: str, asked: Asked, subject: str) -> str:
        """A code for whoever was chosen: good once, for a minute."""
        code = token_urlsafe(24)
        with self._lock:
            now = time.time()
            self._codes = {known: one for known, one in self._codes.items() if one.at > now - CODE_SECONDS}
            self._codes[code] = _Given(asked, door, subject, now)
        return code

    def redeem(self, door: str, authorization: str, *, code: str, verifier: str, redirect_uri: str) -> str | None:
        """The ID token for a code; None when client, code, verifier or address does not fit."""
        if not self._is_client(authorization):
            return None
        with self._lock:
            given = self._codes.pop(code, None)
        if given is None or given.door != door or given.at < time.time() - CODE_SECONDS:
            return None
        if given.asked.redirect_uri != redirect_uri:
            return None
        if not compare_digest(create_s256_code_challenge(verifier), given.asked.code_challenge):
            return None
        return self._signed(given)

    def _signed(self, given: _Given) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer(given.door),
            "sub": given.subject,
            "aud": self.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "auth_time": int(given.at),
            "nonce": given.asked.nonce,
        }
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)

    def _is_client(self, authorization: str) -> bool:
        scheme, _, words = authorization.partition(" ")
        try:
            client, _, secret = b64decode(words).decode().partition(":")
        except ValueError:
            return False
        own = compare_digest(unquote_plus(secret).encode(), self.client_secret.encode())
        return scheme.lower() == "basic" and client == self.client_id and own
