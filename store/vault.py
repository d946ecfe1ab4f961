"""A stream that only who has the private key can read: backups, which lie where others may come.

Whoever makes a backup has the public key alone, so a machine that was broken into can't read the older ones. X25519
(RFC 7748) with a key of the backup's own, HKDF-SHA256 (RFC 5869), then pieces of 1 MB, each AES-256-GCM with its number
and whether it is the last as its nonce: a piece that was changed, moved, left out or cut off is found.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"sakata-phr backup 1\n"
PIECE = 1 << 20
_TAG = 16


class NotReadable(Exception):
    """Not a backup, one for another key, or one that was changed or cut off."""


def new_pair() -> tuple[str, str]:
    """(private key, public key), 32 bytes each in base64url."""
    private = X25519PrivateKey.generate()
    return _text(private.private_bytes_raw()), _text(private.public_key().public_bytes_raw())


def lock(pieces: Iterable[bytes], public_key: str, out: BinaryIO) -> int:
    """Write what comes, encrypted for ``public_key``; how many bytes came. Raises ValueError for a bad key."""
    own = X25519PrivateKey.generate()
    whose = X25519PublicKey.from_public_bytes(_bytes(public_key))
    mine = own.public_key().public_bytes_raw()
    cipher = _cipher(own.exchange(whose), mine, whose.public_bytes_raw())
    out.write(MAGIC + mine)
    count = total = 0
    held: bytes | None = None
    for piece in _even(pieces):
        if held is not None:
            out.write(cipher.encrypt(_nonce(count, last=False), held, None))
            count += 1
        held = piece
        total += len(piece)
    out.write(cipher.encrypt(_nonce(count, last=True), held or b"", None))
    return total


def unlock(source: BinaryIO, private_key: str) -> Iterator[bytes]:
    """The pieces in clear. Raises NotReadable; what came before a fault was right, but is not the whole."""
    if source.read(len(MAGIC)) != MAGIC:
        raise NotReadable("this file is no backup of sakata-phr")
    theirs = source.read(32)
    own = X25519PrivateKey.from_private_bytes(_bytes(private_key))
    if len(theirs) != 32:
        raise NotReadable("the backup ends too soon")
    cipher = _cipher(
        own.exchange(X25519PublicKey.from_public_bytes(theirs)), theirs, own.public_key().public_bytes_raw()
    )
    count, piece = 0, source.read(PIECE + _TAG)
    while True:
        following = source.read(PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(count, last=not following), piece, None)
        except InvalidTag:
            raise NotReadable("the backup is for another key, or was changed or cut off") from None
        if not following:
            return
        count, piece = count + 1, following


def _cipher(shared: bytes, *public: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=MAGIC + b"".join(public)).derive(shared))


def _nonce(count: int, *, last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
    if held:
        yield bytes(held)


def _text(key: bytes) -> str:
    return urlsafe_b64encode(key).rstrip(b"=").decode()


def _bytes(key: str) -> bytes:
    found = urlsafe_b64decode(key.strip() + "=" * (-len(key.strip()) % 4))
    if len(found) != 32:
        raise ValueError("expected 32 bytes in base64url")
    return found
