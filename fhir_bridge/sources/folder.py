"""A folder that files are put into: a transfer's landing place, a scanner's output, an operator's hand.

Write under another name (``.part``) and rename; otherwise a file is taken two seconds after its last change. A file
that changes is read again. Sub-folders, links and names that begin with a dot are left alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from fhir_bridge.parse import MOST_BYTES
from fhir_bridge.source import Cursor, Page, Source, name_of
from store.model import NotUnderstood

_STILL_SECONDS = 2.0
_UNFINISHED = (".part", ".tmp", ".crdownload", "~")


def pages(folder: str, cursor: Cursor) -> Iterator[Page]:
    """The files that are new or changed, in the order of their names. Raises OSError when the folder is missing.

    A place is the hash of the file's name (names of files may hold names of people); its mark is modification time
    (ns) and size.
    """
    for path in sorted(one for one in Path(folder).iterdir() if _is_record(one)):
        place = sha256(os.fsencode(path.name)).hexdigest()[:32]
        mark = _mark(path)
        if mark is not None and cursor.get(place) != mark and _is_still(mark[0]):
            yield _page(path, place, mark)


def _is_record(path: Path) -> bool:
    hidden = path.name.startswith(".") or path.name.endswith(_UNFINISHED)
    return not hidden and path.is_file() and not path.is_symlink()


def _mark(path: Path) -> list[int] | None:
    try:
        found = path.stat()
    except OSError:  # gone since it was listed
        return None
    return [found.st_mtime_ns, found.st_size]


def _is_still(changed_ns: int) -> bool:
    # a time that lies ahead comes from another machine's clock: nobody is writing then
    return not 0 <= time.time() - changed_ns / 1e9 < _STILL_SECONDS


def _page(path: Path, place: str, mark: list[int]) -> Page:
    try:
        with path.open("rb") as file:
            return Page(name_of(path), file.read(MOST_BYTES + 1), place, mark)
    except OSError as fault:
        why = NotUnderstood("unreadable", f"the file can't be opened ({fault.strerror})")
        return Page(name_of(path), b"", place, mark, why)


SOURCE = Source("folder", pages)
