"""What the page 「同意」 shows: purpose by purpose, what is agreed to now and what was before. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from store.consent_scans import What
from store.consent_words import NotInTheWords, Words, current, words
from store.consents import OPT_OUT, PHR, Consent

_GIVEN_BY = {"self": "ご本人", "proxy": "代理の方", "paper": "紙の同意書"}
_WITHDRAWN_BY = {
    "self": "取りやめました",
    "proxy": "代理の方が取りやめました",
    "paper": "紙の申し出で取りやめました",
    "replaced": "新しい同意に替わりました",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One consent as people read it. ``words`` None: the page no longer has them (the row names their version)."""

    consent: Consent
    recipient: str
    items: tuple[str, ...]
    by: str
    over: str  # why it no longer counts; '' while it does
    words: Words | None
    scans: tuple[What, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """One card: the newest words, and what is in force under any words of this purpose. ``asks_anew``: only older
    words were agreed to. ``closed``: nothing can be given because the person has left the record."""

    words: Words
    running: tuple[Given, ...]
    asks_anew: bool
    closed: bool


def purposes(given: Sequence[Given], *, left: bool) -> list[Purpose]:
    """Every purpose with what runs, in the order in which people are asked."""
    return [_purpose(one, given, left=left) for one in current()]


def _purpose(newest: Words, given: Sequence[Given], *, left: bool) -> Purpose:
    running = tuple(one for one in given if one.consent.purpose == newest.purpose and not one.over)
    asks_anew = bool(running) and all(one.consent.text_version != newest.version for one in running)
    closed = left and newest.purpose not in (PHR, OPT_OUT)
    return Purpose(words=newest, running=running, asks_anew=asks_anew, closed=closed)


def read(
    rows: Sequence[Consent], now: datetime, *, facilities: Mapping[str, str], scans: set[tuple[int, What]]
) -> list[Given]:
    """The rows as people read them, newest first. ``facilities``: code -> name."""
    return [_given(one, now, facilities, scans) for one in rows]


def _given(one: Consent, now: datetime, facilities: Mapping[str, str], scans: set[tuple[int, What]]) -> Given:
    shown = _words(one)
    recipients, items = (shown.recipients, shown.items) if shown else ({}, {})
    everything = "すべての種類" if len(items) != 1 else next(iter(items.values()))
    return Given(
        consent=one,
        recipient=recipients.get(one.recipient) or facilities.get(one.recipient) or f"医療機関 {one.recipient}",
        items=tuple(everything if item == "*" else items.get(item, "そのほか") for item in one.items),
        by=_GIVEN_BY.get(one.given_by.partition(":")[0], ""),
        over=_over(one, now),
        words=shown,
        scans=tuple(what for number, what in sorted(scans) if number == one.consent_id),
    )


def _words(one: Consent) -> Words | None:
    try:
        return words(one.purpose, one.text_version)
    except NotInTheWords:
        return None


def _over(one: Consent, now: datetime) -> str:
    if one.withdrawn_at is not None and one.withdrawn_at <= now:
        return _WITHDRAWN_BY.get((one.withdrawn_by or "self").partition(":")[0], "取りやめました")
    if one.in_force(now):
        return ""
    return "まだ始まっていません" if now < one.valid_from else "期限が終わりました"
