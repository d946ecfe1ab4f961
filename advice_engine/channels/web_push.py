"""Web Push (RFC 8030) to the citizen's browser: VAPID (RFC 8292), aes128gcm (RFC 8188, 8291).

The endpoint comes from a browser, that is from outside: only https to hosts of known push services
(``PHR_PUSH_SERVICES``) is called and no redirect followed, so that nobody can have this worker call into the
city's network.
"""

from __future__ import annotations

import json
import logging
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

import psycopg
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid
from pywebpush import WebPushException, webpush

from advice_engine.channel import Address, Channel, Message, SendFailed
from store import push_subscriptions
from store.settings import BadSetting, Settings

TIMEOUT = 10.0  # seconds to connect, and again between bytes
KEEP = 24 * 60 * 60  # seconds the push service keeps a message for a phone that is off
# One topic and one tag for all: a later message replaces an unread one, so several red flags at once, or a message
# sent twice after a crash, are one notification on the phone.
TOPIC = "advice"
# RFC 8030 section 7.3: the subscription has expired. All else is tried again and leaves the subscription: a wrong
# VAPID key (401, 403) is our mistake, and must not cost a whole city its subscriptions.
_GONE = (404, 410)
_PLAIN = re.compile(r"https://(?P<host>[a-z0-9.-]+)(:\d{1,5})?(/[!-\[\]-~]*)?")  # no backslash

# at DEBUG it names the endpoint's path, which is a secret
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


def reaches(endpoint: str, settings: Settings) -> bool:
    """Whether an endpoint belongs to a push service that may be called. The API asks before keeping one.

    Only the plainest form passes. Where parsers disagree (user part, backslash) the one that asks here and the
    one that calls might see different hosts.
    """
    plain = _PLAIN.fullmatch(endpoint)
    host = plain["host"] if plain else ""
    return any(host == name or host.endswith(f".{name}") for name in settings.push_services.split())


def public_key(settings: Settings) -> str:
    """The ``applicationServerKey`` a page subscribes with (base64url, uncompressed point); "" when push is off."""
    return next(iter(_keys(settings)), "")


def _keys(settings: Settings) -> dict[str, Vapid]:
    """Every VAPID key by its public one, the one for new subscriptions first: those of the others go on until their
    browsers come by (static/push.js)."""
    return {_public(key): key for key in map(_vapid, settings.vapid_private_key.split())}


def _public(key: Vapid) -> str:
    point = key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def _key_of(address: Address, settings: Settings) -> Vapid:
    """The key that the browser subscribed with. One that is no longer here costs it no subscription: our mistake."""
    keys = _keys(settings)
    asked = address.parts.get("server_key") or next(iter(keys), "")
    if asked not in keys:
        raise SendFailed("vapid_key_gone")
    return keys[asked]


@cache
def _vapid(private_key: str) -> Vapid:
    try:
        return Vapid.from_string(private_key)
    except Exception:  # py_vapid lets whatever the parser raised through; its text may repeat the key
        raise BadSetting("PHR_VAPID_PRIVATE_KEY: expected a P-256 private key, base64url (raw or DER)") from None


def _addresses(conn: psycopg.Connection, people: Sequence[int]) -> Mapping[int, tuple[Address, ...]]:
    found: dict[int, tuple[Address, ...]] = defaultdict(tuple)
    for one in push_subscriptions.of_people(conn, people):
        parts = {"endpoint": one.endpoint, "p256dh": one.p256dh, "auth": one.auth, "server_key": one.server_key}
        found[one.person_id] += (Address(one.subscription_id, parts),)
    return dict(found)


def _send(message: Message, address: Address, settings: Settings) -> None:
    if not reaches(address.parts["endpoint"], settings):
        raise SendFailed("not_a_push_service", permanent=True)
    if _length(address.parts["p256dh"]) != 65 or _length(address.parts["auth"]) != 16:  # RFC 8291 section 3.2
        raise SendFailed("bad_keys", permanent=True)
    key = _key_of(address, settings)
    try:
        _post(message, address.parts, settings, key=key)
    except WebPushException as fault:
        raise _failure(fault) from None
    except requests.Timeout:
        raise SendFailed("timeout") from None
    except requests.RequestException as fault:  # its text repeats the endpoint, which is a secret
        raise SendFailed(type(fault).__name__) from None
    except ValueError:  # no point on the curve
        raise SendFailed("bad_keys", permanent=True) from None


def _length(base64url: str) -> int:
    try:
        return len(urlsafe_b64decode(base64url + "=" * (-len(base64url) % 4)))
    except ValueError:
        return 0


def _post(message: Message, keys: Mapping[str, str], settings: Settings, *, key: Vapid) -> None:
    text = {"title": message.title, "body": message.body, "url": message.link, "tag": TOPIC}
    with requests.Session() as session:
        session.max_redirects = 0
        webpush(
            {"endpoint": keys["endpoint"], "keys": {"p256dh": keys["p256dh"], "auth": keys["auth"]}},
            data=json.dumps(text, ensure_ascii=False),
            vapid_private_key=key,
            vapid_claims={"sub": settings.vapid_contact},
            headers={"Urgency": "high" if message.urgent else "normal", "Topic": TOPIC},
            ttl=KEEP,
            timeout=TIMEOUT,
            requests_session=session,
        )


def _failure(fault: WebPushException) -> SendFailed:
    status = fault.status_code
    wait = str(fault.retry_after or "")
    return SendFailed(
        f"http_{status}",
        permanent=status in _GONE,
        retry_after=float(wait) if wait.isdecimal() else None,
    )


def _forget(conn: psycopg.Connection, address: Address) -> None:
    push_subscriptions.forget(conn, address.key)


CHANNEL = Channel(
    id="web_push",
    rank=1,
    ready=lambda settings: bool(public_key(settings)),
    addresses=_addresses,
    send=_send,
    forget=_forget,
)
