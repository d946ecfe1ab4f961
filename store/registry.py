"""Finds one-file parts: every module of a package that exports the given name, in the order of file names."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


@cache
def load(package: str, export: str) -> tuple[Any, ...]:
    """All parts of ``package``: ``load("devices.models", "MODEL")``.

    A module that lacks the export raises AttributeError at start: a part that nobody finds is a fault.
    """
    folder = import_module(package)
    names = sorted(found.name for found in iter_modules(folder.__path__) if not found.name.startswith("_"))
    return tuple(getattr(import_module(f"{package}.{name}"), export) for name in names)
