"""The signed paper behind a consent, as it was scanned: PDF, JPEG or PNG by what it holds, not by what it is called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import psycopg
from psycopg.rows import class_row

MOST_BYTES = 5_000_000  # a page in colour at 300 dpi is 1-2 MB as JPEG

What = Literal["given", "withdrawn"]

# begins with, and somewhere in its last kilobyte ends with: a scan that was cut off is no evidence
_TYPES = {
    "application/pdf": (b"%PDF-", b"%%EOF"),
    "image/jpeg": (b"\xff\xd8\xff", b"\xff\xd9"),
    "image/png": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
}


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan; ``content`` stays out of ``repr`` and so out of logs."""

    media_type: str
    content: bytes = field(repr=False)


def read(content: bytes) -> Scan:
    """The scan, with the type that its content shows. Raises ValueError: too large, cut off, or another format."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"a scan has at most {MOST_BYTES} octets")
    for media_type, (start, end) in _TYPES.items():
        if content.startswith(start) and end in content[-1024:]:
            return Scan(media_type, content)
    raise ValueError("a scan is a whole PDF, JPEG or PNG file")


def attach(conn: psycopg.Connection, consent_id: int, scan: Scan, *, what: What = "given", by: str) -> None:
    """Keep the paper by which the consent was given, or withdrawn. ``by``: 'staff:<id>'."""
    conn.execute(
        "insert into health.consent_scans (consent_id, what, media_type, content, added_by)"
        " values (%s, %s, %s, %s, %s)",
        (consent_id, what, scan.media_type, scan.content, by),
    )


def of_person(conn: psycopg.Connection, person_id: int) -> set[tuple[int, What]]:
    """Which of the person's consents have which paper."""
    rows = conn.execute(
        "select consent_id, what from health.consent_scans join health.consents using (consent_id)"
        " where person_id = %s",
        (person_id,),
    )
    return set(rows.fetchall())


def find(conn: psycopg.Connection, person_id: int, consent_id: int, what: What) -> Scan | None:
    """The paper of one's own consent, or None."""
    with conn.cursor(row_factory=class_row(Scan)) as cursor:
        return cursor.execute(
            "select media_type, content from health.consent_scans join health.consents using (consent_id)"
            " where person_id = %s and consent_id = %s and what = %s",
            (person_id, consent_id, what),
        ).fetchone()
