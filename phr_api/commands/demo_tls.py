"""A certificate for the demo's broker, made on this machine: a CA that signs once and whose key is then forgotten."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from phr_api.commands import demo_folder

_LIFE = timedelta(days=730)
_RENEW = timedelta(days=30)  # so long before its end it is made anew
_HOSTS = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM. Only the owner can read ``key``."""

    ca: Path
    cert: Path
    key: Path


def files(folder: Path) -> Certificates:
    """Where the certificates in ``folder`` are, or will be."""
    return Certificates(folder / "broker-ca.pem", folder / "broker-cert.pem", folder / "broker-key.pem")


def certificates(folder: Path, now: datetime | None = None) -> Certificates:
    """The certificates in ``folder``, made when there are none or they end soon."""
    kept = files(folder)
    moment = now or datetime.now(UTC)
    if not kept.key.exists() or _end(kept.cert) - moment < _RENEW:
        _make(kept, moment)
    return kept


def _end(cert: Path) -> datetime:
    return x509.load_pem_x509_certificate(cert.read_bytes()).not_valid_after_utc


def _make(kept: Certificates, now: datetime) -> None:
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = _name("sakata-phr demo CA")
    ca = _signed(ca_name, ca_key, issuer=ca_name, issuer_key=ca_key, now=now, extensions=_of_ca())
    names = (*_HOSTS, socket.gethostname())
    server = _signed(
        _name("sakata-phr demo broker"), key, issuer=ca_name, issuer_key=ca_key, now=now, extensions=_of_server(names)
    )
    for file, made in ((kept.ca, ca), (kept.cert, server)):
        demo_folder.keep(file, made.public_bytes(serialization.Encoding.PEM).decode())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    demo_folder.keep(kept.key, secret.decode())


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _signed(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...],
) -> x509.Certificate:
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + _LIFE)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    made = made.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
    )
    for extension, critical in extensions:
        made = made.add_extension(extension, critical=critical)
    return made.sign(issuer_key, hashes.SHA256())


def _of_ca() -> tuple[tuple[x509.ExtensionType, bool], ...]:
    return (x509.BasicConstraints(ca=True, path_length=0), True), (_usage(signs_certificates=True), True)


def _of_server(names: tuple[str, ...]) -> tuple[tuple[x509.ExtensionType, bool], ...]:
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
