"""A copy taken into another installation gives the same readings, records and consents, and the same day figures."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from invented_person import NAME, invent
from psycopg import sql

from ingest import days
from phr_api import export_import, export_job
from store import (
    addresses,
    consents,
    corrections,
    exports,
    households,
    people,
    personal,
    pool,
    readings,
    record_readings,
    registrations,
    typed,
    unclaimed,
)
from store.clock import civil_day, day_start
from store.model import Reading, Sample
from store.sources import SELF, Enterer

NOW = datetime.now(UTC)

# How rows compare between two installations, whose numbers differ: by what people read.
_SAME = {
    "readings": "select metric, at, value, seconds, flags, utc_offset, received_at, s.label"
    " from health.readings join health.sources as s using (source_id) where s.kind <> 'record'",
    "of records": "select metric, at, value, s.code"
    " from health.readings join health.sources as s using (source_id) where s.kind = 'record'",
    "days": "select day, metric, n, total, mean, low, high, last from health.days",
    "last values": "select metric, at, value from health.last_values",
    "stated times": "select metric, at, device_at, gateway_at from health.stated_times",
    "corrections": "select metric, at, old_value, new_value, corrected_at from health.corrections",
    "sources": "select kind, label, entered_how from health.sources",
    "device order": "select label, rank from health.device_order join health.sources using (source_id)",
    "unclaimed": "select metric, at, value, claimed_how, probability from health.unclaimed"
    " where claimed_by is not null",
    "documents": "select kind, identifier, title, facility, at, stated_at from health.documents",
    "records": "select key, kind, at, title, code_system, code, metric, value, value_text, unit, reference,"
    " interpretation, facility, released, withdrawn, stated_at from health.records",
    "consents": "select purpose, recipient, items, valid, text_version, given_at from health.consents",
    "shown": "select key from health.shown_records",
    "models": "select model, label, lower(valid) from health.registrations join health.sources using (source_id)",
    "person": "select public_id, birth_date, sex, town from health.people",
}


@pytest.fixture
def elsewhere(server) -> Iterator[psycopg.Connection]:
    """Another installation, empty; its numbers begin elsewhere too."""
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("create database phr_elsewhere template phr_template"))
    with psycopg.connect(server.format(database="phr_elsewhere"), autocommit=True, options="-c timezone=UTC") as conn:
        for table, column in (("people", "person_id"), ("sources", "source_id"), ("households", "household_id")):
            conn.execute(f"alter table health.{table} alter {column} restart with 7000".encode())
        yield conn
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as conn:
        conn.execute("drop database phr_elsewhere with (force)")


@pytest.fixture
def her(db, conn):
    """With a counter that began anew, two step sources in her own order, a slip put right, a claimed weighing."""
    person = invent(db, NOW)
    (scale,) = conn.execute("select source_id from health.registrations where device = 'scale'").fetchone()
    (band,) = conn.execute("select source_id from health.registrations where device = 'steps'").fetchone()
    [home] = households.of_person(conn, person.person_id)
    (at,) = conn.execute("select at from health.unclaimed").fetchone()
    assert unclaimed.claim(conn, person.person_id, household_id=home, source_id=scale, at=at)
    start = day_start(civil_day(NOW) - timedelta(days=4))
    counted = [(0, 100), (6, 2100), (9, 5200), (12, 80), (15, 1900), (30, 2500)]
    readings.add(
        conn,
        [
            Reading(person.person_id, "steps_counter", start + timedelta(hours=h), band, v, 0, 0, NOW)
            for h, v in counted
        ],
    )
    typed.add(conn, person.person_id, [Sample("weight", 63.0, start)], NOW)
    corrections.correct(conn, person.person_id, Sample("weight", 61.5, start), SELF)
    nurse = Enterer("staff:1", "paper")
    typed.add(conn, person.person_id, [Sample("bp_sys", 141.0, start), Sample("bp_dia", 83.0, start)], NOW, who=nurse)
    conn.execute("insert into health.device_order values (%s, %s, 0)", (person.person_id, band))
    for channel, address in (("email", "hana@example.jp"), ("sms", "+819012345678"), ("line", "U" + "0" * 32)):
        addresses.add(conn, person.person_id, channel, address, confirmed=True)
    record_readings.settle(conn, person.person_id, NOW)
    figure(conn)
    return person


def figure(conn) -> None:
    with pool.open_pool(conn.info.dsn + (f" password={conn.info.password}" if conn.info.password else "")) as opened:
        while days.work_once(opened):
            pass


@pytest.fixture
def file(db, conn, her, tmp_path):
    export = exports.ask(conn, her.person_id)
    assert export_job.work_once(db, NOW, kept=timedelta(days=7))
    path = tmp_path / "copy.zip"
    path.write_bytes(b"".join(exports.pieces(conn, her.person_id, export.export_id)))
    return path


def rows(conn, *names) -> dict[str, list]:
    return {name: sorted(map(repr, conn.execute(_SAME[name].encode()))) for name in names or _SAME}


def test_everything_is_the_same_where_the_same_controller_runs_it(conn, elsewhere, her, file):
    report = export_import.take_in(elsewhere, export_import.read(file), keep_consents=True)
    figure(elsewhere)
    here, there = rows(conn), rows(elsewhere)
    for name in _SAME:
        assert here[name] == there[name], name
    empty = {"stated times"}
    assert {name for name, found in here.items() if not found} <= empty
    assert people.name_of(elsewhere, report.person_id) == NAME and report.not_kept == 0
    # where she is told she has to prove anew, whoever runs it; her LINE account is linked to the other one's
    told = [(one.address, one.confirmed_at) for one in addresses.of_person(elsewhere, report.person_id)]
    assert told == [("hana@example.jp", None), ("+819012345678", None)]


def test_day_figures_are_the_same_and_computed_not_copied(conn, elsewhere, her, file):
    export_import.take_in(elsewhere, export_import.read(file))
    assert elsewhere.execute("select count(*) from health.days").fetchone() == (0,)
    figure(elsewhere)
    assert rows(conn, "days") == rows(elsewhere, "days")
    counters = [row for row in rows(conn, "days")["days"] if "'steps'" in row]
    assert len(counters) > 60


def test_consents_come_as_history_and_records_are_seen_after_agreeing_anew(conn, elsewhere, her, file):
    report = export_import.take_in(elsewhere, export_import.read(file))
    given = consents.of_person(elsewhere, report.person_id)
    assert given and not any(one.in_force(datetime.now(UTC)) for one in given)
    assert rows(elsewhere, "consents") == rows(conn, "consents")
    assert rows(elsewhere, "records") == rows(conn, "records")
    assert rows(elsewhere, "shown", "of records") == {"shown": [], "of records": []}
    again = {"items": ["*"], "text_version": "1", "given_by": "self", "valid_from": NOW}
    consents.give(elsewhere, report.person_id, purpose="phr", recipient="city", **again)
    consents.give(elsewhere, report.person_id, purpose="phr_records", recipient="*", **again)
    assert rows(elsewhere, "shown", "of records") == rows(conn, "shown", "of records")
    assert rows(conn, "of records")["of records"]


def test_nobody_of_elsewhere_becomes_one_of_ours_by_number(conn, elsewhere, her, file):
    export_import.take_in(elsewhere, export_import.read(file))
    said = [
        row for (row,) in elsewhere.execute("select coalesce(entered_by, '') || coalesce(code, '') from health.sources")
    ]
    assert not any("staff:1" in one for one in said) and any("elsewhere:staff" in one for one in said)
    assert registrations.history(elsewhere, [("gw-hamada", "cuff")]) == {}
    live = elsewhere.execute("select count(*) from health.registrations where valid @> now()").fetchone()
    gateways = elsewhere.execute("select count(*) from health.gateways where revoked_at is null").fetchone()
    assert (live, gateways) == ((0,), (0,))
    assert elsewhere.execute("select count(*) from identity.identifiers").fetchone() == (0,)


def test_what_is_typed_in_afterwards_joins_what_was_typed_in_before(elsewhere, her, file):
    person_id = export_import.take_in(elsewhere, export_import.read(file)).person_id
    typed.add(elsewhere, person_id, [Sample("weight", 61.0, NOW)], NOW)
    own = "select count(*) from health.sources where code like 'manual:%' and entered_by = 'self'"
    assert elsewhere.execute(own).fetchone() == (1,)


def test_the_same_copy_twice_is_refused_and_changes_nothing(elsewhere, her, file):
    copy = export_import.read(file)
    person_id = export_import.take_in(elsewhere, copy).person_id
    before = personal.rows(elsewhere, personal.tables()[0], personal.scope(elsewhere, person_id))
    with pytest.raises(export_import.NotAnExport, match="here already"), elsewhere.transaction():
        export_import.take_in(elsewhere, export_import.read(file))
    assert personal.rows(elsewhere, personal.tables()[0], personal.scope(elsewhere, person_id)) == before
    assert elsewhere.execute("select count(*) from health.people").fetchone() == (1,)


_SPOILT = (
    lambda said: said.update(version=2),
    lambda said: said.update(tables=7),
    lambda said: said["tables"]["health.records"][0].update(person_id=1_000_000),
    lambda said: said["tables"]["health.records"][0].update(consent_id=None),
    lambda said: said["tables"]["health.records"][0].update(title="\0"),
    lambda said: said["tables"]["health.records"][0].update(at="never"),
    lambda said: said["tables"]["health.readings"][0].update(value="much"),
    lambda said: said["tables"]["health.people"].append({"person_id": 5}),
    lambda said: said["person"].update(public_id="x"),
    lambda said: said["person"].pop("birth_date"),
    lambda said: said["tables"]["health.sources"][0].update(code=7),
    lambda said: said["tables"]["health.sources"][0].update(source_id="x"),
    lambda said: said["tables"]["health.sources"][0].update(source_id=[1]),
    lambda said: said["tables"]["health.consents"][0].update(items="*"),
    lambda said: said["tables"]["health.consents"][0].update(given_by=["self"]),
    lambda said: said["tables"]["health.registrations"][0].update(valid="for ever"),
    lambda said: said["tables"]["health.household_members"][0].update(household_id={}),
    lambda said: said["tables"].update({"health.people": []}),
    lambda said: said["tables"]["health.readings"][0].update(source_id=1_000_000),
    lambda said: said["person"].update(town="x" * 100_000),
    lambda said: said["person"].update(name="\ud800"),
)


def test_a_file_that_somebody_changed_is_refused_whole(elsewhere, file, tmp_path):
    raw = zipfile.ZipFile(file).read("export.json")
    for number, spoil in enumerate(_SPOILT):
        said = json.loads(raw)
        spoil(said)
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(said))
        with pytest.raises(export_import.NotAnExport) as refusal, elsewhere.transaction():
            export_import.take_in(elsewhere, export_import.read(path))
            pytest.fail(f"number {number} was taken in")
        assert NAME not in str(refusal.value)
    assert elsewhere.execute("select count(*) from health.people").fetchone() == (0,)


def changed(file, tmp_path, spoil):
    said = json.loads(zipfile.ZipFile(file).read("export.json"))
    spoil(said["tables"])
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(said))
    return export_import.read(path)


def test_who_took_a_consent_back_elsewhere_is_none_of_our_staff(elsewhere, file, tmp_path):
    def forge(tables):
        for row, by in zip(tables["health.consents"], ("paper:1", "proxy:1", "replaced:1", "self"), strict=False):
            row.update(withdrawn_at="2026-01-01T00:00:00+09:00", withdrawn_by=by)

    person_id = export_import.take_in(elsewhere, changed(file, tmp_path, forge)).person_id
    said = {one.withdrawn_by for one in consents.of_person(elsewhere, person_id)}
    assert {"elsewhere:paper", "elsewhere:proxy", "elsewhere:replaced", "self"} == said


def test_a_consent_to_words_that_are_not_ours_is_closed_whoever_runs_it(elsewhere, file, tmp_path):
    def forge(tables):
        guidance, *_ = (row for row in tables["health.consents"] if row["purpose"] == "guidance")
        guidance.update(words_sha256="0" * 64)
        records, *_ = (row for row in tables["health.consents"] if row["purpose"] == "phr_records")
        records.update(audience=["person", "insurer"])

    copy = changed(file, tmp_path, forge)
    person_id = export_import.take_in(elsewhere, copy, keep_consents=True).person_id
    running = [one.purpose for one in consents.of_person(elsewhere, person_id) if one.in_force(datetime.now(UTC))]
    assert sorted(running) == ["phr", "push"]


@pytest.mark.parametrize("kind", ["manual", "phone"])
def test_a_copy_that_names_somebody_else_of_here_touches_nothing_of_theirs(elsewhere, file, tmp_path, kind):
    other = people.add(elsewhere, birth_date=NOW.date(), sex="male", name="よその 人").person_id
    elsewhere.execute(
        "insert into health.sources (kind, code, label, entered_by, entered_how)"
        " values ('manual', %s, 'x', 'self', 'typed')",
        (f"{kind}:{other}:typed",),
    )

    def forge(tables):
        theirs = next(row for row in tables["health.sources"] if row["kind"] == "manual")
        theirs.update(code=f"{kind}:{other}:typed")

    before = personal.scope(elsewhere, other)["sources"]
    assert before
    with pytest.raises(export_import.NotAnExport), elsewhere.transaction():
        export_import.take_in(elsewhere, changed(file, tmp_path, forge))
    theirs = elsewhere.execute("select count(*) from health.readings where source_id = any(%s)", (before,))
    assert theirs.fetchone() == (0,)


def test_impossible_numbers_are_counted_and_left_out(elsewhere, file, tmp_path):
    said = json.loads(zipfile.ZipFile(file).read("export.json"))
    first = [row for row in said["tables"]["health.readings"] if row["metric"] == "weight"]
    first[0].update(value=1e9)
    first[1].update(metric="no_such_metric")
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(said))
    assert export_import.take_in(elsewhere, export_import.read(changed)).not_kept == 2


@pytest.mark.parametrize("changed", [{"format": "another"}, {"version": 99}])
def test_a_copy_of_another_form_is_refused(file, tmp_path, changed):
    said = json.loads(zipfile.ZipFile(file).read("export.json"))
    (tmp_path / "changed.json").write_text(json.dumps(said | changed))
    with pytest.raises(export_import.NotAnExport, match="another format"):
        export_import.read(tmp_path / "changed.json")


def test_what_is_no_copy_is_refused_with_a_sentence(tmp_path, monkeypatch):
    for name, content in (("a.zip", b"PK"), ("a.json", b"{}"), ("b.json", b"\xff\xfe"), ("c.zip", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(export_import.NotAnExport, match=name):
            export_import.read(tmp_path / name)
    monkeypatch.setattr(export_import, "MOST_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.json", b" " * 50_000_000)
    with pytest.raises(export_import.NotAnExport, match="too large"):
        export_import.read(tmp_path / "bomb.zip")
