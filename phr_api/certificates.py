"""Certificates that this product makes for itself: a CA that signs once and whose key is then forgotten.

For connections between our own programs (database, broker, API behind its proxy), which know this CA and no other. What
citizens' browsers reach has a certificate of a public CA.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA, with its key while it is in use. ``pem`` is what clients are given."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    pem: str


@dataclass(frozen=True, slots=True)
class Server:
    """A server's certificate and its private key, both PEM."""

    cert: str
    key: str


def authority(words: str, now: datetime) -> Authority:
    """A new CA that may sign servers and nothing else."""
    name, key = _name(words), ec.generate_private_key(ec.SECP256R1())
    made = _signed(name, key, issuer=(name, key), now=now, extensions=_of_ca())
    return Authority(name, key, _pem(made))


def server(by: Authority, words: str, names: Sequence[str], now: datetime) -> Server:
    """A certificate for a server that is reached by these host names and addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = _signed(_name(words), key, issuer=(by.name, by.key), now=now, extensions=_of_server(names))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Server(_pem(made), secret.decode())


def _pem(made: x509.Certificate) -> str:
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _signed(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: tuple[x509.Name, ec.EllipticCurvePrivateKey],
    now: datetime,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...],
) -> x509.Certificate:
    made = x509.CertificateBuilder(issuer[0], subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + LIFE)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    made = made.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer[1].public_key()), critical=False
    )
    for extension, critical in extensions:
        made = made.add_extension(extension, critical=critical)
    return made.sign(issuer[1], hashes.SHA256())


def _of_ca() -> tuple[tuple[x509.ExtensionType, bool], ...]:
    return (x509.BasicConstraints(ca=True, path_length=0), True), (_usage(signs_certificates=True), True)


def _of_server(names: Sequence[str]) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    return (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(signs_certificates=False), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectAlternativeName([_alternative(name) for name in dict.fromkeys(names)]), False),
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
