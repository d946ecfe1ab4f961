"""Where numbers come from, as the citizen reads it: 体重計(居間), ○○病院, 手入力, 保健師が入力(紙の記録)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import psycopg

StaffHow = Literal["paper", "telephone", "kiosk"]

_OTHERS_LABELS: dict[str, str] = {
    "paper": "保健師が入力(紙の記録)",
    "telephone": "保健師が入力(電話で聞き取り)",
    "kiosk": "保健師が入力(測定コーナー)",
    "typed": "代理の方が入力",
}


@dataclass(frozen=True, slots=True)
class Enterer:
    """Who typed a number in and from what: the columns ``entered_by`` and ``entered_how``."""

    by: str  # 'self', 'proxy:<entitlement id>', 'staff:<id>'
    how: str  # 'typed', 'paper', 'telephone', 'kiosk'


SELF = Enterer("self", "typed")


def labels(conn: psycopg.Connection, source_ids: Iterable[int]) -> dict[int, str]:
    """The label of each of these sources."""
    rows = conn.execute(
        "select source_id, label from health.sources where source_id = any(%s)", (sorted(set(source_ids)),)
    )
    return dict(rows.fetchall())


def facilities(conn: psycopg.Connection) -> dict[str, str]:
    """The facilities that records come from: 10-digit code (whom consents name) -> name, in the order of names."""
    rows = conn.execute(
        "select code, label from health.sources where kind = 'record' and code ~ '^[0-9]{10}$' order by label, code"
    )
    return dict(rows.fetchall())


def manual(conn: psycopg.Connection, person_id: int, who: Enterer = SELF) -> int:
    """The source of what this enterer types in for this person, made on first use: so the same entry is one row."""
    code = f"manual:{person_id}" if who == SELF else f"manual:{person_id}:{who.by}:{who.how}"
    label = "手入力" if who == SELF else _OTHERS_LABELS[who.how]
    return _of_code(conn, "manual", code, label=label, who=who)


def phone(conn: psycopg.Connection, person_id: int, device: str) -> int:
    """The source of what this person's telephone posts for a device by this name, made on first use."""
    return _of_code(conn, "device", f"phone:{person_id}:{device}", label=f"{device}(スマートフォンから)")


def _of_code(conn: psycopg.Connection, kind: str, code: str, *, label: str, who: Enterer | None = None) -> int:
    conn.execute(
        "insert into health.sources (kind, label, code, entered_by, entered_how) values (%s, %s, %s, %s, %s)"
        " on conflict (code) do nothing",
        (kind, label, code, who and who.by, who and who.how),
    )
    row = conn.execute("select source_id from health.sources where code = %s", (code,)).fetchone()
    assert row is not None
    return int(row[0])
