import psycopg
import pytest

from store import migrations


def test_a_second_run_applies_nothing(database: str) -> None:
    assert migrations.migrate(database) == []


def test_a_file_that_changed_after_it_was_applied_is_refused(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *rest = migrations.all_migrations()
    changed = migrations.Migration(first.name, first.sql + "\n-- an edit")
    monkeypatch.setattr(migrations, "all_migrations", lambda: [changed, *rest])
    with pytest.raises(migrations.ChangedMigration, match=first.name):
        migrations.migrate(database)


def test_an_extension_that_is_not_there_leaves_its_file_out(conn: psycopg.Connection) -> None:
    applied = [name for (name,) in conn.execute("select name from public.phr_migrations order by name")]
    assert applied[0] == "0001_ground.sql"
    present = conn.execute("select 1 from pg_available_extensions where name = 'timescaledb'").fetchone()
    assert ("0002_timescale.sql" in applied) == bool(present)
