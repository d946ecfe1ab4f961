"""Reading a program's assertion: RFC 7523, section 3. Pure: keys and time come in."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from json import loads
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from phr_api.sign_in.id_token import ALGORITHMS, NotAccepted

LONGEST = timedelta(minutes=5)
_SLACK_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Asserted:
    """Who signed it. ``jti`` is good once, until ``expires_at``."""

    client_id: str
    jti: str
    expires_at: datetime


def claimed_by(text: str) -> str:
    """The program that this assertion says it is of: where to look for keys, proof of nothing."""
    try:
        part = text.split(".")[1]
        claims = loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return str(claims["iss"])[:64]
    except (IndexError, ValueError, KeyError, TypeError):
        raise NotAccepted("not a JWT") from None


def read(text: str, keys: list[dict[str, Any]], *, audiences: Collection[str], now: datetime) -> Asserted:
    """Who signed this for us, at most five minutes long. Raises NotAccepted."""
    client_id = claimed_by(text)
    try:
        claims = jwt.decode(text, KeySet.import_key_set({"keys": keys}), algorithms=ALGORITHMS).claims
        JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_SLACK_SECONDS,
            iss={"essential": True, "value": client_id},
            sub={"essential": True, "value": client_id},
            aud={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError) as fault:
        raise NotAccepted(type(fault).__name__) from None
    # one audience, word for word: an assertion for somebody else, or for many, is not for us
    heard = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if len(heard) != 1 or heard[0] not in audiences:
        raise NotAccepted("aud")
    if claims["exp"] > (now + LONGEST).timestamp() + _SLACK_SECONDS:
        raise NotAccepted("exp")
    if not 8 <= len(claims["jti"]) <= 200:
        raise NotAccepted("jti")
    return Asserted(client_id, claims["jti"], datetime.fromtimestamp(claims["exp"] + _SLACK_SECONDS, UTC))
