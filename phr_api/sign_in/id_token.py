"""Reading an ID token: OpenID Connect Core 1.0, section 3.1.3.7. Pure: keys and time come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

# Signatures by a key that the provider alone has: never `none`, never HS256 (a key both sides know - or, in the
# oldest attack on JWT, the provider's public key taken for one).
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
_SLACK_SECONDS = 60
_LONGEST_SUBJECT = 255  # Core 1.0, section 2


class NotAccepted(Exception):
    """The token does not prove what it should. ``why`` names the rule, never a value."""


@dataclass(frozen=True, slots=True)
class Proved:
    """Whom the provider vouches for, and when they proved it there (None: it does not say)."""

    subject: str
    at: datetime | None


def read(text: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: datetime) -> Proved:
    """Whom this token names. Raises NotAccepted, and joserfc's JoseError where the signature or its key is wrong."""
    claims = jwt.decode(text, keys, algorithms=ALGORITHMS).claims
    second = int(now.timestamp())
    try:
        JWTClaimsRegistry(
            now=second,
            leeway=_SLACK_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except JoseError as fault:
        raise NotAccepted(f"claim: {fault.error}") from None
    _for_us_alone(claims, client_id)
    if not 0 < len(claims["sub"]) <= _LONGEST_SUBJECT:
        raise NotAccepted("sub")
    return Proved(claims["sub"], _moment(claims.get("auth_time"), now))


def _for_us_alone(claims: dict[str, Any], client_id: str) -> None:
    others = claims["aud"] not in (client_id, [client_id])
    if claims.get("azp", None if others else client_id) != client_id:
        raise NotAccepted("azp")


def _moment(seconds: object, now: datetime) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    latest = now + timedelta(seconds=_SLACK_SECONDS)
    if not 0 <= seconds <= latest.timestamp():
        raise NotAccepted("auth_time")
    return datetime.fromtimestamp(seconds, UTC)
