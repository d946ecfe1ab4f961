"""The files of a copy: everything as JSON, what other systems read as a FHIR Bundle, and tables for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from io import TextIOWrapper
from itertools import groupby
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from fhir_bridge import outward
from phr_api.export_rows import Snapshot
from store import personal
from store.metrics import METRICS

FORMAT, VERSION = "sakata-phr-export", 1
_LINE = b",\n"

_READ_ME = """さかた健康記録 わたしのデータ

この中には、{day} の時点で「さかた健康記録」にあった、あなたのデータがすべて入っています。

  readings.csv など   表計算ソフトで開ける表です。測った値、1日ごとの値、医療機関などの記録、同意の一覧です。
  fhir-bundle.json    ほかの健康記録サービスや医療機関のシステムが読める形(HL7 FHIR R4)です。
  export.json         すべてのデータです。別の「さかた健康記録」に、そのまま移すことができます。

健康についての大切な情報です。ほかの人の目に触れないところに保管してください。
医療機関がまだ公開していない記録と、いま同意のない記録は入っていません。
この中の値や目安は、診断ではありません。心配なことがあるときは、医療機関や保健師にご相談ください。
"""


def write(file: IO[bytes], found: Snapshot, now: datetime) -> None:
    """The whole copy as a ZIP archive. Raises what ``found.tell`` raises."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr(
            "はじめに.txt", _READ_ME.format(day=f"{now.year}年{now.month}月{now.day}日").encode("utf-8-sig")
        )
        for name, step, pieces in _files(found, now):
            found.begin(step)
            with archive.open(name, "w", force_zip64=True) as opened:
                pieces(opened)


def _files(found: Snapshot, now: datetime) -> Iterator[tuple[str, str, Any]]:
    yield "export.json", "json", lambda opened: _join(opened, _everything(found, now))
    yield "fhir-bundle.json", "fhir", lambda opened: _join(opened, _bundle(found, now))
    yield "readings.csv", "csv", lambda opened: _table(opened, _READINGS, map(_reading, found.readings()))
    yield "days.csv", "csv", lambda opened: _table(opened, _DAYS, map(_day, found.days()))
    yield "records.csv", "csv", lambda opened: _table(opened, _RECORDS, map(_picked(_RECORDS), found.records()))
    yield "consents.csv", "csv", lambda opened: _table(opened, _CONSENTS, map(_consent, found.consents()))


def _join(opened: IO[bytes], pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        opened.write(piece)


def _everything(found: Snapshot, now: datetime) -> Iterator[bytes]:
    head: Mapping[str, object] = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": now.isoformat(),
        "person": found.person(),
        "metrics": {metric.id: asdict(metric) for metric in METRICS.values()},
        "left_out": {table.name: table.because for table in personal.tables() if not table.exported},
    }
    yield msgspec.json.encode(head)[:-1] + b',"tables":{\n'
    for number, (table, rows) in enumerate(found.tables()):
        yield (b"],\n" if number else b"") + msgspec.json.encode(table.name) + b":[\n"
        yield from _separated(row.encode() for row in rows)
    yield b"]}}\n"


def _bundle(found: Snapshot, now: datetime) -> Iterator[bytes]:
    yield b'{"resourceType":"Bundle","type":"collection","timestamp":' + msgspec.json.encode(now) + b',"entry":[\n'
    yield from _separated(msgspec.json.encode(outward.entry(one)) for one in _resources(found))
    yield b"]}\n"


def _resources(found: Snapshot) -> Iterator[outward.Resource]:
    who = found.person()
    me = who["public_id"]
    yield outward.patient(who)
    for _, group in groupby(found.readings(), key=lambda row: (row["at"], row["source_id"])):
        yield from outward.measurement(me, [_fhir(row) for row in group])
    for row in found.records():
        result = outward.record(me, row)
        if result is not None:
            yield result
    yield from (outward.consent(me, row) for row in found.consents())
    yield from (outward.document(me, row) for row in found.documents())


def _fhir(row: dict[str, Any]) -> dict[str, Any]:
    at, length = row["at"], row["seconds"]
    name = f"{row['metric'].replace('_', '-')}-{int(at.timestamp() * 1_000_000)}-{row['source_id']}"
    until = (at + timedelta(seconds=length)).isoformat() if length else None
    return row | {"id": name, "at": at.isoformat(), "until": until}


def _separated(items: Iterable[bytes]) -> Iterator[bytes]:
    for number, item in enumerate(items):
        yield (_LINE if number else b"") + item


# Tables for a spreadsheet ------------------------------------------------------------------------------------------

_READINGS = ("at", "metric", "name_ja", "value", "unit", "seconds", "source")
_DAYS = ("day", "metric", "name_ja", "unit", "n", "total", "mean", "low", "high", "last")
_RECORDS = (
    "at",
    "kind",
    "title",
    "value_text",
    "unit",
    "reference",
    "interpretation",
    "facility",
    "code_system",
    "code",
)
_CONSENTS = (
    "given_at",
    "purpose",
    "recipient",
    "items",
    "valid_from",
    "valid_to",
    "withdrawn_at",
    "text_version",
    "given_by",
)


def _table(opened: IO[bytes], names: tuple[str, ...], rows: Iterable[Iterable[object]]) -> None:
    text = TextIOWrapper(opened, "utf-8-sig", newline="")  # with a mark, or Excel reads it as Shift_JIS
    lines = csv.writer(text)
    lines.writerow(names)
    for row in rows:
        lines.writerow([_harmless(cell) for cell in row])
    text.detach()  # writes what is left; the archive closes its own


def _harmless(cell: object) -> object:
    # a spreadsheet takes a text that begins so for a formula and would run it (CWE-1236)
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _reading(row: Mapping[str, Any]) -> tuple[object, ...]:
    metric = METRICS[row["metric"]]
    return (row["at"].isoformat(), metric.id, metric.ja, row["value"], metric.unit_ja, row["seconds"], row["source"])


def _day(row: Mapping[str, Any]) -> tuple[object, ...]:
    metric = METRICS[row["metric"]]
    return (row["day"], metric.id, metric.ja, metric.unit_ja, *(row[name] for name in _DAYS[4:]))


def _consent(row: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(" ".join(row[name]) if name == "items" else row[name] for name in _CONSENTS)


def _picked(names: tuple[str, ...]) -> Any:
    return lambda row: tuple(row[name] for name in names)
