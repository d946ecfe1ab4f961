"""How rejections are shown in a terminal, and how a span of time is said there. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from rich.markup import escape
from rich.table import Column, Table

from phr_api.commands.problem import Problem
from store.clock import JST
from store.rejections import KeptRejection

_SPAN = re.compile(r"(\d{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def moment(said: str | None) -> datetime | None:
    """``7d`` ago, or a day or a time of Japan. Raises Problem."""
    if said is None:
        return None
    if span := _SPAN.fullmatch(said):
        return datetime.now(UTC) - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise Problem(f"--since {said}: expected 30m, 12h, 7d, 2026-11-01 or 2026-11-01T08:00") from None
    return at if at.tzinfo else at.replace(tzinfo=JST)


def table(found: Sequence[KeptRejection]) -> Table:
    """One row a rejection; nothing of what arrived."""
    made = Table(Column("id", justify="right"), "arrived", "reason", "from", "what was expected", "", box=None)
    for one in found:
        made.add_row(
            str(one.rejection_id),
            _time(one.received_at),
            *map(escape, map(harmless, (one.reason, one.origin, one.detail))),
            one.resolution or "",
        )
    return made


def facts(one: KeptRejection) -> Iterator[tuple[str, str]]:
    """What is known of a rejection, but for its bytes."""
    yield "id", str(one.rejection_id)
    yield "reason", one.reason
    yield "detail", harmless(one.detail)
    yield "from", harmless(one.origin)
    yield "gateway", one.gateway_id or "-"
    yield "device", harmless(one.device or "-")
    yield "arrived", _time(one.received_at) + (" (a retained message)" if one.retained else "")
    if one.last_at:
        yield "again", f"{one.times - 1} times, last {_time(one.last_at)}: counted, not kept"
    yield "state", f"{one.resolution} {_time(one.resolved_at)}" if one.resolved_at else "open"


def readable(raw: bytes) -> str:
    """JSON indented, where it is JSON; else a hexdump, 16 bytes a line."""
    try:
        return harmless(json.dumps(json.loads(raw), indent=2, ensure_ascii=False))
    except (ValueError, RecursionError):
        return "\n".join(_line(raw, start) for start in range(0, len(raw), 16))


def harmless(text: str) -> str:
    """Without what a terminal obeys (escapes, other directions of writing): whoever sent it wrote it."""
    return "".join(letter if letter.isprintable() or letter in " \n" else "�" for letter in text)


def _line(raw: bytes, start: int) -> str:
    part = raw[start : start + 16]
    text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
    return f"{start:08x}  {part.hex(' '):<47}  {text}"


def _time(at: datetime) -> str:
    return at.astimezone(JST).strftime("%Y-%m-%d %H:%M:%S")
