"""By what the rules speak: the rules, the judge, every module of ours that these import, and the tables beside them."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

_TABLES = (".csv", ".toml")
_IMPORT = re.compile(rb"^from advice_engine(?:\.(\w+))? import \(?\s*(\w+(?:,\s+\w+)*)", re.M)


@cache
def rules_version() -> str:
    """A digest of all of it, the same until one of them changes."""
    return digest(files("advice_engine"))


def digest(folder: Traversable) -> str:
    """Of the package in this folder."""
    known = sha256()
    for name, content in sorted(parts(folder).items()):
        known.update(f"{name}\0{len(content)}\0".encode() + content)
    return known.hexdigest()


def parts(folder: Traversable) -> dict[str, bytes]:
    """What is digested: name in the package -> content."""
    here = [one for one in folder.iterdir() if one.name == "judge.py" or one.name.endswith(_TABLES)]
    found = {one.name: one.read_bytes() for one in here}
    found |= {f"rules/{one.name}": one.read_bytes() for one in (folder / "rules").iterdir() if one.name.endswith(".py")}
    left = [content for name, content in found.items() if name.endswith(".py")]
    while left:
        for name in sorted(_imported(left.pop()) - found.keys()):
            part = folder / name
            if part.is_file():
                found[name] = part.read_bytes()
                left.append(found[name])
    return found


def _imported(source: bytes) -> set[str]:
    said = ([module] if module else names.split(b",") for module, names in _IMPORT.findall(source))
    return {f"{name.strip().decode()}.py" for names in said for name in names}
