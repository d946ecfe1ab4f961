"""Firebase Cloud Messaging, HTTP v1 API: the city's own app on a telephone (firebase.google.com, REST v1).

A service account signs a JWT (RS256), which its token endpoint changes for an access token of an hour (RFC 7523;
Google, "Using OAuth 2.0 for Server to Server Applications"). A later notification replaces an unread one, so a message
that was sent twice is one on the telephone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import time
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from advice_engine.channel import Address, Message, SendFailed
from advice_engine.channels import _http, _sealed
from advice_engine.channels._http import Answer
from store.settings import BadSetting, Settings

TAG = "advice"
KEEP = "86400s"  # for a telephone that is off
_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_EARLY = 120  # seconds before its end that an access token is no longer used


@dataclass(frozen=True, slots=True)
class Account:
    """A service account as its JSON file says."""

    project: str
    email: str
    key_id: str
    key: RSAKey = field(repr=False)


_tokens: dict[tuple[str, str], tuple[str, float]] = {}  # (account, token endpoint) -> access token, good until
_one_at_a_time = Lock()


def account(settings: Settings) -> Account:
    """Raises BadSetting, which repeats nothing of it, when the file is none."""
    try:
        said = json.loads(settings.fcm_service_account)
        key = RSAKey.import_key(said["private_key"])
        return Account(said["project_id"], said["client_email"], said["private_key_id"], key)
    except (ValueError, KeyError, TypeError, JoseError):
        raise BadSetting("PHR_FCM_SERVICE_ACCOUNT: expected a service account's JSON key with an RSA key") from None


def _ready(settings: Settings) -> bool:
    if not settings.fcm_service_account:
        return False
    account(settings)
    return bool(_http.address(settings, "fcm_api") and _http.address(settings, "fcm_token_url"))


def _send(message: Message, address: Address, settings: Settings) -> None:
    own = account(settings)
    answer = _http.post_json(
        f"{_http.address(settings, 'fcm_api')}/v1/projects/{own.project}/messages:send",
        {"message": _body(message, address)},
        {"Authorization": f"Bearer {_access_token(own, settings)}"},
    )
    if answer.status == 401:  # it was taken back before its time: the next try has a new one
        _tokens.clear()
    if not answer.taken:
        raise answer.fault(permanent=_unregistered(answer), final=answer.status == 400)


def _body(message: Message, address: Address) -> dict[str, object]:
    return {
        "token": address.parts["to"],
        "notification": {"title": message.title, "body": message.body},
        "data": {"url": message.link},
        "android": {
            "priority": "HIGH" if message.urgent else "NORMAL",
            "ttl": KEEP,
            "collapse_key": TAG,
            "notification": {"tag": TAG},
        },
        "apns": {"headers": {"apns-priority": "10" if message.urgent else "5", "apns-collapse-id": TAG}},
    }


def _unregistered(answer: Answer) -> bool:
    """The app was taken off the telephone. A 404 of a project that is not there is our mistake, and costs nobody."""
    error = answer.body.get("error")
    details = error.get("details") if isinstance(error, dict) else None
    codes = [one.get("errorCode") for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    return answer.status == 404 and "UNREGISTERED" in codes


def _access_token(own: Account, settings: Settings) -> str:
    url = _http.address(settings, "fcm_token_url")
    with _alone():
        kept, until = _tokens.get((own.email, url), ("", 0.0))
        if time() < until - _EARLY:
            return kept
        token, life = _fetch(own, url)
        _tokens[own.email, url] = token, time() + life
        return token


@contextmanager
def _alone() -> Iterator[None]:
    """While the endpoint is slow, nobody waits in a long line for it: the next try is as good."""
    if not _one_at_a_time.acquire(timeout=_http.TIMEOUT):
        raise SendFailed("timeout")
    try:
        yield
    finally:
        _one_at_a_time.release()


def _fetch(own: Account, url: str) -> tuple[str, float]:
    now = int(time())
    claims = {"iss": own.email, "scope": _SCOPE, "aud": url, "iat": now, "exp": now + 3600}
    signed = jwt.encode({"alg": "RS256", "typ": "JWT", "kid": own.key_id}, claims, own.key)
    form = urlencode({"grant_type": _GRANT, "assertion": signed}).encode()
    answer = _http.post(url, form, {"Content-Type": "application/x-www-form-urlencoded"})
    token, life = answer.body.get("access_token"), answer.body.get("expires_in", 3600)
    if not answer.taken or not isinstance(token, str) or not isinstance(life, int | float):
        raise SendFailed(f"token_http_{answer.status}", retry_after=answer.wait)
    return token, float(life)


CHANNEL = _sealed.channel("fcm", rank=2, ready=_ready, send=_send)
