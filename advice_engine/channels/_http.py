"""How a channel calls a service outside: https alone, no redirect followed, faults without address or secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests

from advice_engine.channel import SendFailed
from store.settings import BadSetting, Settings, variable

TIMEOUT = 10.0  # seconds to connect, and again between bytes
_LONGEST_ANSWER = 64_000  # bytes

# at DEBUG it names paths, and some of them are secrets
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said. ``wait``: seconds it asked to wait. ``body`` may repeat an address: not for logs."""

    status: int
    body: Mapping[str, Any] = field(repr=False)
    wait: float | None = None

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300

    def fault(self, *, permanent: bool = False, final: bool = False) -> SendFailed:
        """This answer as a failure: tried again unless said otherwise."""
        return SendFailed(f"http_{self.status}", permanent=permanent, final=final, retry_after=self.wait)


def post(url: str, data: bytes, headers: Mapping[str, str]) -> Answer:
    """The answer to a POST. Raises SendFailed when there is none; nothing in it names the address."""
    try:
        with (
            requests.Session() as session,
            session.post(
                url, data=data, headers=dict(headers), timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as answer,
        ):
            said = answer.raw.read(_LONGEST_ANSWER, decode_content=True)
            return Answer(answer.status_code, _object(said), wait(answer.headers.get("Retry-After", "")))
    except requests.Timeout:
        raise SendFailed("timeout") from None
    except Exception as fault:  # requests' and urllib3's texts repeat the address
        raise SendFailed("timeout" if "Timeout" in type(fault).__name__ else type(fault).__name__) from None


def post_json(url: str, said: Mapping[str, object], headers: Mapping[str, str]) -> Answer:
    """The answer to a POST of this JSON object."""
    body = json.dumps(said, ensure_ascii=False).encode()
    return post(url, body, {"Content-Type": "application/json"} | dict(headers))


def wait(header: str, now: datetime | None = None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110 section 10.2.3): a number or a date; None when it says neither."""
    if header.isdecimal():
        return float(header)
    try:
        left = parsedate_to_datetime(header) - (now or datetime.now(UTC))
    except (TypeError, ValueError):
        return None
    return max(left.total_seconds(), 0)


def address(settings: Settings, name: str) -> str:
    """The address that this setting holds. Raises BadSetting unless it is https, or of this machine alone."""
    text: str = getattr(settings, name).rstrip("/")
    try:
        parts = urlsplit(text)
        fits = parts.scheme == "https" or (parts.scheme == "http" and _loopback(parts.hostname or ""))
    except ValueError:
        fits = False
    if not fits or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise BadSetting(f"{variable(name)}: expected https://… (http only on this machine)")
    return text


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _object(said: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
