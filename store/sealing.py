"""Values that only who has the key can read: names, contacts, identifiers, second-factor secrets.

AES-256-GCM (NIST SP 800-38D) under data keys that lie in the database, each wrapped by a master key that does not:
it comes from ``PHR_MASTER_KEY``. A sealed value is ``0xFF``, the id of its data key (8 bytes), a random nonce (12),
ciphertext and tag (16). Its place - table, column, row - is authenticated with it, so that a value copied to another
row does not open there. How long a value is can still be seen.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from os import urandom

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store import settings

MAGIC = b"\xff"
ID_BYTES = 8
_NONCE_BYTES, _KEY_BYTES = 12, 32


class NotOpened(Exception):
    """A sealed value that does not open: changed, moved, or its key is not here. Never says what it was."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands: ``identity.persons.name``, and its row's primary key, columns joined by ``/``."""

    column: str
    row: str


_masters: dict[str, bytes] = {}  # by fingerprint; the first one wraps
_unwrapped: dict[bytes, bytes] = {}  # data keys by their random ids, of whatever database


def use(text: str) -> None:
    """The master keys of this process, separated by white space; the first wraps what is new, the others still open.

    Without a call ``PHR_MASTER_KEY`` counts. Raises BadSetting when one is not 32 bytes in base64url.
    """
    keys = [_master(word) for word in text.split()]
    _masters.clear()
    _masters.update({fingerprint(key): key for key in keys})


def _master(word: str) -> bytes:
    try:
        key = urlsafe_b64decode(word + "=" * (-len(word) % 4))
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise settings.BadSetting("PHR_MASTER_KEY: expected 32 bytes in base64url (`phr keys new` makes one)")
    return key


def fingerprint(master: bytes) -> str:
    """Names a master key without telling anything of it."""
    return sha256(b"phr master key" + master).hexdigest()[:16]


def masters() -> dict[str, bytes]:
    """The master keys by fingerprint, the one that wraps first. Raises BadSetting when there is none."""
    if not _masters:
        given = settings.load()
        settings.require(given, "master_key")
        use(given.master_key)
    return _masters


def wrap(key: bytes, key_id: bytes) -> tuple[str, bytes]:
    """(fingerprint of the master key, wrapped data key)."""
    name, master = next(iter(masters().items()))
    nonce = urandom(_NONCE_BYTES)
    return name, nonce + AESGCM(master).encrypt(nonce, key, key_id)


def unwrap(key_id: bytes, wrapped: bytes, master: str) -> bytes:
    """The data key. Raises NotOpened when its master key is not here or it was changed."""
    known = _unwrapped.get(key_id)
    if known:
        return known
    if master not in masters():
        raise NotOpened(f"the master key {master} is not among those of PHR_MASTER_KEY")
    try:
        key = AESGCM(masters()[master]).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], key_id)
    except InvalidTag:
        raise NotOpened(f"the data key {key_id.hex()} was changed") from None
    _unwrapped[key_id] = key
    return key


def seal(conn: psycopg.Connection, text: str, place: Place) -> bytes:
    """``text`` sealed for this place with the key in use, which is held until the transaction ends."""
    key_id, key = in_use(conn, "seal")
    return seal_with(key_id, key, text, place)


def seal_with(key_id: bytes, key: bytes, text: str, place: Place) -> bytes:
    """``text`` sealed for this place with this key."""
    nonce = urandom(_NONCE_BYTES)
    return MAGIC + key_id + nonce + AESGCM(key).encrypt(nonce, text.encode(), _bound(key_id, place))


def open(conn: psycopg.Connection, sealed: bytes, place: Place) -> str:
    """What was sealed for this place. Raises NotOpened."""
    start = len(MAGIC) + ID_BYTES
    key_id, nonce, secret = sealed[1:start], sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
    key = _unwrapped.get(key_id) or _fetch(conn, key_id)
    try:
        return AESGCM(key).decrypt(nonce, secret, _bound(key_id, place)).decode()
    except InvalidTag:
        raise NotOpened(f"a value of {place.column} was changed or belongs elsewhere") from None


def hashes(conn: psycopg.Connection, *words: str) -> list[bytes]:
    """What these words are looked for by: a keyed hash under each lookup key, the one in use first.

    More than one only while a rotation runs. The key in use is held until the transaction ends.
    """
    first, key = in_use(conn, "lookup")
    older = conn.execute(
        "select key_id, wrapped, master from identity.keys where use = 'lookup' and key_id <> %s", (first,)
    )
    return [hash_with(one, words) for one in (key, *(unwrap(*row) for row in older))]


def hash_with(key: bytes, words: Sequence[str]) -> bytes:
    """HMAC-SHA256 over the words, each with its length before it: no two lists of words are the same message."""
    message = b"".join(len(word.encode()).to_bytes(4, "big") + word.encode() for word in words)
    return hmac.digest(key, message, "sha256")


def _bound(key_id: bytes, place: Place) -> bytes:
    return b"\0".join((key_id, place.column.encode(), place.row.encode()))


def in_use(conn: psycopg.Connection, what: str) -> tuple[bytes, bytes]:
    """(id, key) that 'seal' or 'lookup' uses now, held until the transaction ends: for who seals many values."""
    row = conn.execute("select key_id, wrapped, master from identity.hold_keys() where use = %s", (what,)).fetchone()
    if row is None:
        return make(conn, what)
    return row[0], unwrap(*row)


def make(conn: psycopg.Connection, what: str) -> tuple[bytes, bytes]:
    """(id, key) in use for 'seal' or 'lookup'; made when the database has none. The owner's right alone."""
    conn.execute("select pg_advisory_xact_lock(hashtextextended('identity.keys made', 0))")
    find = "select key_id, wrapped, master from identity.keys where use = %s and current"
    known = conn.execute(find, (what,)).fetchone()
    if known:
        return known[0], unwrap(*known)
    key_id, key = urandom(ID_BYTES), urandom(_KEY_BYTES)
    master, wrapped = wrap(key, key_id)
    conn.execute(
        "insert into identity.keys (key_id, use, wrapped, master) values (%s, %s, %s, %s)",
        (key_id, what, wrapped, master),
    )
    return key_id, key


def _fetch(conn: psycopg.Connection, key_id: bytes) -> bytes:
    row = conn.execute("select key_id, wrapped, master from identity.keys where key_id = %s", (key_id,)).fetchone()
    if row is None:
        raise NotOpened(f"the data key {key_id.hex()} is not there")
    return unwrap(*row)
