"""The provider behind a door: what it says of itself and its keys, fetched when needed and kept for an hour.

A provider that does not answer keeps nobody out longer than its own absence: every fetch has five seconds.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from threading import Lock
from typing import Any, Literal
from urllib.parse import urlsplit

from anyio import CapacityLimiter
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from phr_api.demo_desk import Desk
from store.settings import BadSetting, Settings

Door = Literal["citizen", "staff"]
DOORS: tuple[Door, ...] = ("citizen", "staff")
_KEPT_SECONDS, _APART_SECONDS, _TIMEOUT_SECONDS = 3600.0, 5.0, 5.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ProviderAway(Exception):
    """The provider does not answer, or not as OpenID Connect says. Never holds what it said."""


class Provider:
    """One issuer as one client sees it. Safe to share between threads."""

    def __init__(self, door: Door, *, issuer: str, client_id: str, client_secret: str, demo: bool = False) -> None:
        where = urlsplit(issuer)
        own_machine = demo or where.hostname in _LOOPBACK
        if where.scheme != "https" and not own_machine:
            raise BadSetting(f"PHR_OIDC_{door.upper()}_ISSUER: expected an address with https")
        if not client_id:
            raise BadSetting(f"PHR_OIDC_{door.upper()}_CLIENT_ID: missing (the issuer is given)")
        self.door, self.issuer, self.client_id = door, issuer, client_id
        self.turns = CapacityLimiter(8)  # threads that may wait for it at once: the others go on serving
        self._secret, self._own_machine = client_secret, own_machine
        self._lock = Lock()
        self._said: Mapping[str, Any] = {}
        self._said_at = self._keys_at = float("-inf")
        self._keys: KeySet | None = None

    def said(self) -> Mapping[str, Any]:
        """Its metadata (OpenID Connect Discovery 1.0). Raises ProviderAway."""
        with self._lock:
            if time.monotonic() - self._said_at > _KEPT_SECONDS:
                self._said = self._discover()
                self._said_at = time.monotonic()
            return self._said

    def keys(self, *, newer: bool = False) -> KeySet:
        """Its public keys. ``newer``: fetched again, because one was not among them - yet not more often than that
        a stranger's made-up tokens could turn us against the provider."""
        address = str(self.said()["jwks_uri"])
        with self._lock:
            age = time.monotonic() - self._keys_at
            if self._keys is None or age > _KEPT_SECONDS or (newer and age > _APART_SECONDS):
                self._keys = self._fetch_keys(address)
                self._keys_at = time.monotonic()
            return self._keys

    def client(self, redirect_uri: str) -> OAuth2Session:
        """An OAuth client of this provider, for one exchange."""
        given = {"redirect_uri": redirect_uri, "scope": "openid", "code_challenge_method": "S256"}
        client = OAuth2Session(self.client_id, self._secret or None, default_timeout=_TIMEOUT_SECONDS, **given)
        ways = self.said().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if self._secret and "client_secret_basic" not in ways and "client_secret_post" in ways:
            client.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 # nosec B105 - a method's name
        client.trust_env = not self._own_machine
        return client

    def _discover(self) -> Mapping[str, Any]:
        said = self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != self.issuer:
            raise ProviderAway("its metadata name another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            where = urlsplit(str(said.get(name, "")))
            if where.scheme != "https" and not (self._own_machine and where.hostname in _LOOPBACK):
                raise ProviderAway(f"its {name} is no address with https")
        return said

    def _fetch_keys(self, address: str) -> KeySet:
        try:
            return KeySet.import_key_set(self._get(address))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError):
            raise ProviderAway("its keys can't be read") from None

    def _get(self, address: str) -> dict[str, Any]:
        client = OAuth2Session(default_timeout=_TIMEOUT_SECONDS)
        client.trust_env = not self._own_machine
        try:
            answer = client.get(address, withhold_token=True, allow_redirects=False)
            found = answer.json() if answer.status_code == 200 else None
        except (OSError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise ProviderAway("no answer of its metadata or keys")
        return found


def providers(settings: Settings, desk: Desk | None) -> dict[Door, Provider]:
    """The providers of the doors that have one: the city's, or in the demo its own. Raises BadSetting."""
    found: dict[Door, Provider] = {}
    for door in DOORS:
        issuer = getattr(settings, f"oidc_{door}_issuer")
        if issuer:
            client_id, secret = (getattr(settings, f"oidc_{door}_client_{name}") for name in ("id", "secret"))
            found[door] = Provider(door, issuer=issuer, client_id=client_id, client_secret=secret)
        elif desk:
            own = {"client_id": desk.client_id, "client_secret": desk.client_secret}
            found[door] = Provider(door, issuer=desk.issuer(door), demo=True, **own)
    return found
