"""Files from outside: bombs, entities, depth and broken archives end in a clear refusal, in bounded memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from fhir_bridge import parse
from phr_api import export_import
from store.model import NotUnderstood

_BILLION = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
RECORDS = {
    "xml_not_read": b"<?xml version='1.0'?><!DOCTYPE b [<!ENTITY l0 'x'>" + _BILLION + b"]><b>&l9;</b>",
    "zip_not_read": b"PK\x03\x04" + bytes(1000),
    "too_large": b" " * (parse.MOST_BYTES + 1),
    "not_json": b"[" * 1_000_000,
    "too_deep": b'{"resourceType":"Patient","contained":' + b"[" * 200 + b"]" * 200 + b"}",
    "not_utf8": '{"resourceType": "Patient", "id": "酒田"}'.encode("shift-jis"),
}


@pytest.mark.parametrize("reason", RECORDS)
def test_a_record_that_is_an_attack_is_refused_with_its_reason(reason: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        parse.read(RECORDS[reason])
    assert refused.value.reason == reason


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    folder = tmp_path_factory.mktemp("archives")
    made = {name: folder / f"{name}.zip" for name in ("deep", "broken", "empty", "foreign")}
    with ZipFile(made["deep"], "w", ZIP_DEFLATED) as archive:
        archive.writestr("export.json", '{"a":' * 200_000)
    garbled = bytearray(made["deep"].read_bytes())
    garbled[60:90] = bytes(one ^ 0x5A for one in garbled[60:90])
    made["broken"].write_bytes(garbled)
    with ZipFile(made["empty"], "w"):
        pass
    made["foreign"].write_bytes(b"PK\x03\x04" + bytes(1000))
    yield made


@pytest.mark.parametrize("name", ["deep", "broken", "empty", "foreign"])
def test_an_archive_that_is_no_copy_is_refused_in_words(archives: dict[str, Path], name: str) -> None:
    with pytest.raises(export_import.NotAnExport):
        export_import.read(archives[name])


_BOUNDED = """
import resource, sys
from pathlib import Path
from phr_api import export_import
export_import.MOST_BYTES = 20_000_000
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    export_import.read(Path(sys.argv[1]))
except export_import.NotAnExport as refused:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, refused)
"""


def test_a_zip_bomb_is_opened_no_further_than_a_copy_may_be_large(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with ZipFile(bomb, "w", ZIP_DEFLATED) as archive, archive.open("export.json", "w") as opened:
        for _ in range(300):
            opened.write(bytes(1_000_000))
    assert bomb.stat().st_size < 1_000_000
    done = subprocess.run(
        [sys.executable, "-c", _BOUNDED, str(bomb)], capture_output=True, text=True, timeout=60, check=True
    )
    kilobytes, _, says = done.stdout.partition(" ")
    assert int(kilobytes) < 100_000 and "too large" in says
