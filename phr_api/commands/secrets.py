"""`phr secrets`: everything secret that production needs, made once on the machine that keeps it."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import pbkdf2_hmac, sha256
from hmac import digest
from os import urandom
from pathlib import Path
from secrets import randbelow, token_hex, token_urlsafe
from typing import Annotated

import typer

from phr_api.certificates import authority, server
from phr_api.commands.problem import Problem
from store.backups import owners_file
from store.grants import COPYING, ROLES

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_DATABASE = "database/phr?sslmode=verify-full&sslrootcert=/run/secrets/ca"
_SERVERS = {"database": ("database",), "broker": ("broker",), "api": ("api", "127.0.0.1")}
# Given by the sign-in providers (empty: a client without a secret) and by who takes messages (empty: a channel is off).
GIVEN = (
    "oidc_citizen",
    "oidc_staff",
    "line_channel_token",
    "line_channel_secret",
    "fcm_service_account",
    "smtp_password",
)
_ITERATIONS = 4096  # PostgreSQL's own; the password is random


def secrets(
    folder: Annotated[Path, typer.Argument(help="The folder, made when missing.", file_okay=False)] = Path("secrets"),
    broker_name: Annotated[
        list[str] | None, typer.Option(help="Another name that gateways reach the broker by.")
    ] = None,
) -> None:
    """Make the secrets of compose.yaml: passwords, a login for each worker, keys, and certificates of an own CA.

    What is there already stays as it is: take a file away to have a new one. Certificates hold for two years; take
    `*-cert.pem`, `*-key.pem` and `ca.pem` away to make them anew.

    Example:

      phr secrets secrets --broker-name mqtt.phr.example.jp
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = [name for name, text in _all(folder, tuple(broker_name or ())) if _keep(folder / name, text)]
    typer.echo(f"made in {folder}: {', '.join(made) or 'nothing, all is there'}")


def vapid_key() -> str:
    """A private key of the curve P-256 as base64url: any number from 1 to the group's order - 1."""
    number = 1 + randbelow(_P256_ORDER - 1)
    return urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def _all(folder: Path, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in ("mqtt_password", "metrics_token"):
        yield name, token_hex(24)
    yield "master_key", token_urlsafe(32)
    yield "vapid_private_key", vapid_key()
    yield "sms_secret", token_hex(24)  # the SMS gateway is given these two
    yield "receipt_secrets", f"sms={token_hex(24)}"
    for name in GIVEN:
        yield name, ""
    if not (folder / "logins.sql").exists():
        yield from _logins()
    if not (folder / "ca.pem").exists():
        yield from _certificates(names)


def _logins() -> Iterator[tuple[str, str]]:
    """The owner's password, and a login for each worker that can work as its own role (the API's also counts)."""
    owner = token_hex(24)
    yield "database_password", owner
    yield "url_owner", f"postgresql://phr:{owner}@{_DATABASE}"
    lines = ["-- Logins of the workers; the passwords stand here as SCRAM verifiers only."]
    for role in ROLES:
        password = token_hex(24)
        yield f"url_{role.removeprefix('phr_')}", f"postgresql://{role}_login:{password}@{_DATABASE}"
        lines += [
            f"create role {role} nologin{' bypassrls' if role in COPYING else ''};",
            f"create role {role}_login login noinherit password '{verifier(password)}' in role {role};",
        ]
    lines.append("grant phr_operator to phr_api_login;  -- /metrics counts, in a role that sees nobody")
    lines.append("grant phr_statistics to phr_api_login;  -- /api/statistics reads released tables, and nothing else")
    yield "logins.sql", "\n".join(lines) + "\n"


def verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (RFC 5803, SCRAM-SHA-256): no file and no log holds it in clear."""
    salt = urandom(16)
    salted = pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = sha256(digest(salted, b"Client Key", "sha256")).digest()
    own = digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${_ITERATIONS}:{_text(salt)}${_text(stored)}:{_text(own)}"


def _text(octets: bytes) -> str:
    return b64encode(octets).decode()


def _certificates(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """One CA for all; its key is forgotten, so nobody can make another server that our workers believe."""
    now = datetime.now(UTC)
    ca = authority("sakata-phr", now)
    yield "ca.pem", ca.pem
    for who, hosts in _SERVERS.items():
        made = server(ca, f"sakata-phr {who}", (*hosts, *(names if who == "broker" else ())), now)
        yield f"{who}-cert.pem", made.cert
        yield f"{who}-key.pem", made.key


def _keep(file: Path, text: str) -> bool:
    try:
        with owners_file(file) as out:
            out.write(text.encode())
        if file.name.endswith(("-cert.pem", "ca.pem")):
            file.chmod(0o644)  # everybody is shown these anyway
    except FileExistsError:
        return False
    except OSError as fault:
        raise Problem(f"{file} can't be written ({fault.strerror})") from None
    return True
