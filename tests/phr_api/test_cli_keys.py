"""`phr keys` and `phr backup` as an operator types them: what they say holds no secret."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from phr_api.cli import app
from store import people, sealing


def phr(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(app, list(words), env=environ)


@pytest.fixture
def person(conn: psycopg.Connection) -> int:
    return people.add(conn, birth_date=date(1960, 1, 1), sex="male", name="酒田 太郎").person_id


def test_a_rotation_is_told_and_names_stay_readable(database: str, conn: psycopg.Connection, person: int) -> None:
    shown = phr("keys", "show", PHR_DATABASE_URL=database)
    assert shown.exit_code == 0 and "in use" in shown.output and "A" * 43 not in shown.output
    before = conn.execute("select key_id from identity.keys").fetchall()
    rotated = phr("keys", "rotate", PHR_DATABASE_URL=database)
    assert rotated.exit_code == 0 and "1 rows sealed anew" in rotated.output
    assert not set(before) & set(conn.execute("select key_id from identity.keys").fetchall())
    assert people.name_of(conn, person) == "酒田 太郎"
    only = phr("keys", "rotate", "--wrap-only", PHR_DATABASE_URL=database)
    assert only.exit_code == 0 and "0 data keys wrapped" in only.output


def test_a_new_master_key_is_one() -> None:
    made = phr("keys", "new").output.strip()
    sealing.use(made)
    assert list(sealing.masters()) and made != phr("keys", "new").output.strip()
    sealing.use("A" * 43)


def test_a_backup_is_made_checked_and_refused_where_something_is(database: str, person: int, tmp_path: Path) -> None:
    key = tmp_path / "private"
    public = phr("backup", "new-key", str(key)).output.strip()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and public not in key.read_text()
    assert "can't be written" in phr("backup", "new-key", str(key)).output
    lacking = phr("backup", "make", "--to", str(tmp_path / "b"), PHR_DATABASE_URL=database)
    assert lacking.exit_code == 1 and "PHR_BACKUP_KEY" in lacking.output
    made = phr("backup", "make", "--to", str(tmp_path / "b"), PHR_DATABASE_URL=database, PHR_BACKUP_KEY=public)
    assert made.exit_code == 0, made.output
    (file,) = (tmp_path / "b").iterdir()
    checked = phr("backup", "check", str(file), "--key", str(key))
    assert checked.exit_code == 0 and "whole and unchanged" in checked.output
    refused = phr("backup", "restore", str(file), "--key", str(key), PHR_DATABASE_URL=database)
    assert refused.exit_code == 1 and "not empty" in refused.output
    file.write_bytes(file.read_bytes()[:-1])
    assert "changed or cut off" in phr("backup", "check", str(file), "--key", str(key)).output
