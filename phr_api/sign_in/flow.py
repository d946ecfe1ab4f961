"""Out to the provider and back: what is asked, and what its answer proves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from phr_api.sign_in import id_token
from phr_api.sign_in.id_token import NotAccepted, Proved
from phr_api.sign_in.provider import Provider, ProviderAway
from store.sign_ins import Begun

_SLACK = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where to send the browser, and what must be the same when it comes back."""

    address: str
    state: str
    nonce: str
    verifier: str


def leave(provider: Provider, redirect_uri: str, *, again: bool) -> Leaving:
    """A new sign-in at this provider; ``again``: they shall prove anew who they are. Raises ProviderAway."""
    state, nonce, verifier = (token_urlsafe(32) for _ in range(3))
    asked = {"nonce": nonce} | ({"prompt": "login", "max_age": "0"} if again else {})
    address, _ = provider.client(redirect_uri).create_authorization_url(
        provider.said()["authorization_endpoint"], state=state, code_verifier=verifier, **asked
    )
    return Leaving(address, state, nonce, verifier)


def prove(provider: Provider, redirect_uri: str, begun: Begun, code: str) -> Proved:
    """Whom the provider names for this code. Raises ProviderAway and NotAccepted."""
    client = provider.client(redirect_uri)
    try:
        answer = client.fetch_token(
            provider.said()["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            code_verifier=begun.verifier,
            redirect_uri=redirect_uri,
            allow_redirects=False,
        )
    except AuthlibBaseError:
        raise NotAccepted("code") from None  # used, made up, or somebody else's
    except (OSError, ValueError):
        raise ProviderAway("no answer of its token endpoint") from None
    proved = _read(provider, str(answer.get("id_token", "")), begun.nonce)
    if begun.again and (proved.at is None or proved.at < begun.started_at - _SLACK):
        raise NotAccepted("auth_time")
    return proved


def _read(provider: Provider, text: str, nonce: str) -> Proved:
    def read(keys: KeySet) -> Proved:
        now = datetime.now(UTC)
        return id_token.read(text, keys, issuer=provider.issuer, client_id=provider.client_id, nonce=nonce, now=now)

    try:
        try:
            return read(provider.keys())
        except (InvalidKeyIdError, BadSignatureError):
            return read(provider.keys(newer=True))  # it may sign with a new key
    except (JoseError, ValueError) as fault:
        raise NotAccepted(type(fault).__name__) from None
