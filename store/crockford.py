"""Random text that people can read out and type: Crockford's base32, without I, L, O and U."""

from __future__ import annotations

from secrets import choice
from unicodedata import normalize

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT = str.maketrans("OIL", "011")


def text(length: int) -> str:
    """``length`` random characters of 5 bits each."""
    return "".join(choice(_ALPHABET) for _ in range(length))


def grouped(plain: str) -> str:
    """In fours, as it is shown: ``7K3M-9QTD``."""
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def meant(typed: str) -> str:
    """What somebody meant who typed small or wide letters, spaces, hyphens, O for 0, or I and L for 1."""
    wide = normalize("NFKC", typed).upper()
    return "".join(letter for letter in wide if letter.isascii() and letter.isalnum()).translate(_MEANT)
