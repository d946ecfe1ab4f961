"""The shape of a record source: pages of files, each with the mark that stands for "this was read"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store.model import NotUnderstood

Cursor = Mapping[str, Any]  # place -> the last mark that was committed for it; anything JSON


@dataclass(frozen=True, slots=True)
class Page:
    """One file of a source. ``mark`` is remembered for ``place`` in the transaction of what the file became.

    ``fault`` says why the content could not be had (``raw`` is empty then).
    """

    name: str
    raw: bytes
    place: str
    mark: Any
    fault: NotUnderstood | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """``pages(env, cursor)`` gives what is new since the cursor (empty at first), whatever the wire is."""

    id: str
    pages: Callable[[str, Cursor], Iterator[Page]]


def name_of(path: Path) -> str:
    """The file's name as text that can be kept: what is no UTF-8 (Shift_JIS out of an archive) becomes ``?``."""
    return path.name.encode("utf-8", "replace").decode()
