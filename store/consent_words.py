"""The words that a consent is given to: ``consent_texts/<purpose>.<version>.md``, one file a version, never changed.

Plain Japanese, item by item, for whom and for what, and how to take it back (PHR指針, 2025-04). New words are a new
file with the next version; they are shown again, and a consent to older words never covers what only newer ones say.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Literal

PURPOSES = ("phr", "phr_records", "guidance", "push", "statistics", "living_lab", "next_generation_opt_out")

Block = tuple[Literal["heading", "item", "paragraph"], str]
_FACILITY = re.compile(r"\d{10}", re.ASCII)  # 医療機関コード
_NAME = re.compile(r"(?P<purpose>[a-z_]+)\.(?P<version>\d+)\.md")


class NotInTheWords(ValueError):
    """There are no such words, or they do not say what is to be agreed to. Its text says which, for programs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is shown before somebody agrees. ``recipients`` and ``items`` are word -> how people read it.

    ``period``: whether a period may be chosen. ``opt_out``: agreeing to it means refusing something.
    """

    purpose: str
    version: str
    title: str
    gist: str
    audience: tuple[str, ...]
    period: bool
    opt_out: bool
    recipients: Mapping[str, str]
    items: Mapping[str, str]
    body: str
    sha256: str

    def blocks(self) -> Iterator[Block]:
        """The text as headings, list items and paragraphs."""
        for line in self.body.splitlines():
            if line.startswith("## "):
                yield "heading", line[3:]
            elif line.startswith("- "):
                yield "item", line[2:]
            elif line:
                yield "paragraph", line

    def check(self, recipient: str, items: Sequence[str], *, limited: bool) -> None:
        """Raises NotInTheWords when the words do not name this recipient, these items or (``limited``) a period."""
        if recipient not in self.recipients and not ("facility" in self.recipients and _FACILITY.fullmatch(recipient)):
            raise NotInTheWords(f"the words of {self.purpose} do not name this recipient")
        if not items or not set(items) <= {*self.items, "*"}:
            raise NotInTheWords(
                f"the words of {self.purpose} do not name these items: choose of {', '.join(self.items)}"
            )
        if limited and not self.period:
            raise NotInTheWords(f"{self.purpose} has no period: it holds until it is taken back")


def words(purpose: str, version: str) -> Words:
    """These very words. Raises NotInTheWords when there are none."""
    found = _all().get((purpose, version))
    if found is None:
        raise NotInTheWords("there are no such words: choose purpose and version of /api/consent-words")
    return found


def newest(purpose: str) -> Words:
    """The words that are asked for now."""
    return next(one for one in current() if one.purpose == purpose)


def current() -> tuple[Words, ...]:
    """The newest words of each purpose, in the order in which people are asked."""
    newest = {purpose: max(int(version) for of, version in _all() if of == purpose) for purpose in PURPOSES}
    return tuple(_all()[purpose, str(version)] for purpose, version in newest.items())


@cache
def _all() -> dict[tuple[str, str], Words]:
    folder = files("store") / "consent_texts"
    read = (_read(match, item.read_text("utf-8")) for item in folder.iterdir() if (match := _NAME.fullmatch(item.name)))
    return {(one.purpose, one.version): one for one in read}


def _read(name: re.Match[str], text: str) -> Words:
    _, front, body = text.split("+++\n", 2)
    said = tomllib.loads(front)
    return Words(
        purpose=name["purpose"],
        version=name["version"],
        title=said["title"],
        gist=said["gist"],
        audience=tuple(said["audience"]),
        period=said["period"],
        opt_out=said.get("opt_out", False),
        recipients=said["recipients"],
        items=said["items"],
        body=body.strip(),
        sha256=sha256(text.encode()).hexdigest(),
    )
