"""What ties the rows of the audit together: the canonical form of a row, and its hash. Pure.

``hash = sha256(hash of the row before || canonical form)``; before the first row stand 32 zero bytes. The canonical
form is the JSON array (RFC 8259, UTF-8, no spaces, nothing escaped that need not be) of the row's columns in this
order: ``sealed_at, look_id, at, actor, role, person_id, action, items, purpose, basis, allowed, origin``; moments as
PostgreSQL writes them in UTC (``2026-11-22 03:40:28.123456``). Anybody can compute it again with a copy of the table
and no program of ours. The row's number is not in it: its place in the chain is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

GENESIS = bytes(32)
Content = Sequence[object]  # a row's columns in that order, moments as text
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def canonical(content: Content) -> bytes:
    """The row as it is hashed."""
    return _encode(list(content)).encode("utf-8", "surrogatepass")


def link(before: bytes, content: Content) -> bytes:
    """The row's hash, after the row whose hash is ``before``."""
    return sha256(before + canonical(content)).digest()
