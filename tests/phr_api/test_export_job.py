"""A copy of everything: made by a worker that may die, complete, readable elsewhere, and stopped when it must."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from fhir.resources.R4B.bundle import Bundle
from invented_person import NAME, agree, invent

from phr_api import export_files, export_job
from store import addresses, consents, exports, identifiers, people, personal
from store.pool import open_pool

NOW = datetime.now(UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def her(db, conn):
    person = invent(db, NOW)
    identifiers.add(conn, person.person_id, "urn:oid:1.2.392.100495.20.3.61", "0123456789")
    return person


@pytest.fixture
def jobs(database):
    """The worker's own pool, in its own role."""
    with open_pool(database, role="phr_jobs") as opened:
        yield opened


def made(jobs, conn, person_id) -> zipfile.ZipFile:
    with conn.transaction():
        export = exports.ask(conn, person_id)
    assert export_job.work_once(jobs, NOW, kept=WEEK)
    return opened(conn, person_id, export.export_id)


def opened(conn, person_id, export_id) -> zipfile.ZipFile:
    pieces = exports.pieces(conn, person_id, export_id)
    assert pieces is not None
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def until(true) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_copy_holds_every_row_of_every_table(jobs, conn, her):
    addresses.add(conn, her.person_id, "email", "hana@example.jp", confirmed=True)
    said = json.loads(made(jobs, conn, her.person_id).read("export.json"))
    assert (said["format"], said["version"], said["person"]["name"]) == ("sakata-phr-export", 1, NAME)
    assert said["person"]["identifiers"] == [{"system": "urn:oid:1.2.392.100495.20.3.61", "value": "0123456789"}]
    assert said["person"]["addresses"] == [{"channel": "email", "address": "hana@example.jp", "confirmed": True}]
    known = personal.scope(conn, her.person_id)
    for table in personal.tables():
        if table.exported and not table.name.startswith(("audit.", "identity.exports")):
            assert said["tables"][table.name] == personal.rows(conn, table, known), table.name
    for filled in ("readings", "days", "records", "consents", "advice", "registrations", "gateways", "decisions"):
        assert said["tables"][f"health.{filled}"], filled


def test_the_copy_holds_no_secret_and_nobody_else(jobs, conn, her):
    other = people.add(conn, birth_date=her.birth_date, sex="male", name="よその 太郎", phone="0234-99-9999")
    agree(conn, other.person_id, NOW)
    conn.execute("update health.gateways set password_hash = '$7$renewed', old_until = now() + interval '7 days'")
    copy = made(jobs, conn, her.person_id)
    text = b"".join(copy.read(name) for name in copy.namelist()).decode()
    (secret, older) = conn.execute("select password_hash, old_hash from health.gateways limit 1").fetchone()
    for foreign in (secret, older, "よその", "0234-99-9999", str(other.public_id)):
        assert foreign not in text


def test_what_the_facility_withholds_is_not_in_the_copy(jobs, conn, her):
    conn.execute("update health.records set released = false, title = 'ひみつの所見' where record_id ="
                 " (select min(record_id) from health.records where person_id = %s)", (her.person_id,))  # fmt: skip
    copy = made(jobs, conn, her.person_id)
    assert all("ひみつの所見" not in copy.read(name).decode() for name in copy.namelist())


def test_the_bundle_is_valid_fhir_with_every_number_in_its_unit(jobs, conn, her):
    copy = made(jobs, conn, her.person_id)
    bundle = Bundle.model_validate_json(copy.read("fhir-bundle.json"))
    kinds = [one.resource.get_resource_type() for one in bundle.entry]
    assert set(kinds) == {"Patient", "Observation", "Consent", "DocumentReference"}
    ids = [one.fullUrl for one in bundle.entry]
    assert len(ids) == len(set(ids))
    (stored,) = conn.execute(
        "select count(*) from health.readings where person_id = %s and metric = 'weight'", (her.person_id,)
    ).fetchone()
    weights = [
        one.resource.valueQuantity
        for one in bundle.entry
        if one.resource.get_resource_type() == "Observation" and one.resource.code.text == "体重"
    ]
    assert len(weights) == stored and {one.code for one in weights} == {"kg"}
    panels = [one.resource for one in bundle.entry if getattr(one.resource, "component", None)]
    assert panels and all(
        [part.code.coding[0].code for part in one.component] == ["8480-6", "8462-4"] for one in panels
    )


def test_a_spreadsheet_reads_the_tables_and_runs_nothing(jobs, conn, her):
    shown = "select min(record_id) from health.shown_records where person_id = %s"
    conn.execute(f"update health.records set title = '=HYPERLINK(0)' where record_id = ({shown})", (her.person_id,))
    copy = made(jobs, conn, her.person_id)
    tables = {name: copy.read(name).decode("utf-8-sig") for name in copy.namelist() if name.endswith(".csv")}
    rows = {name: list(csv.DictReader(io.StringIO(text))) for name, text in tables.items()}
    (stored,) = conn.execute("select count(*) from health.readings where person_id = %s", (her.person_id,)).fetchone()
    assert len(rows["readings.csv"]) == stored
    assert {row["title"][:1] for row in rows["records.csv"]} & {"="} == set()
    assert any(row["title"] == "'=HYPERLINK(0)" for row in rows["records.csv"])


def test_the_pieces_in_the_database_tell_nothing(jobs, conn, her, monkeypatch):
    monkeypatch.setattr(exports, "PIECE", 5_000)
    made(jobs, conn, her.person_id)
    contents = [row[0] for row in conn.execute("select content from identity.export_pieces order by number")]
    assert len(contents) > 2
    assert all(b"PK\x03\x04" not in content and b"export.json" not in content for content in contents)


class Died(BaseException):
    """As SIGKILL would: no handler of ours runs."""


@pytest.mark.parametrize("at", ["json", "fhir", "csv", "keep", "written"])
def test_a_worker_that_dies_at_any_step_leaves_it_to_the_next_one(jobs, conn, her, monkeypatch, at):
    export = exports.ask(conn, her.person_id)
    tell, finish = exports.tell, exports.finish

    def dying(conn, export_id, *, step, done, total):
        tell(conn, export_id, step=step, done=done, total=total)
        if step == at:
            conn.commit()
            raise Died

    def dying_late(*args, **named):
        finish(*args, **named)
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(exports, "tell", dying)
        if at == "written":
            patched.setattr(exports, "finish", dying_late)
        with pytest.raises(Died):
            export_job.work_once(jobs, NOW, kept=WEEK)
    seen = exports.mine(conn, her.person_id, export.export_id)
    assert seen and seen.state == "working" and exports.pieces(conn, her.person_id, export.export_id) is None
    assert export_job.work_once(jobs, NOW, kept=WEEK)
    copy = opened(conn, her.person_id, export.export_id)
    assert copy.testzip() is None and len(json.loads(copy.read("export.json"))["tables"]["health.readings"]) > 200
    assert not export_job.work_once(jobs, NOW, kept=WEEK)


def test_one_that_kills_its_worker_again_and_again_fails_and_stops_nobody(jobs, conn, her, monkeypatch):
    export = exports.ask(conn, her.person_id)
    with monkeypatch.context() as patched:
        patched.setattr(export_files, "write", lambda *_: (_ for _ in ()).throw(Died()))
        for _ in range(exports.ATTEMPTS):
            with pytest.raises(Died):
                export_job.work_once(jobs, NOW, kept=WEEK)
    assert not export_job.work_once(jobs, NOW, kept=WEEK)
    seen = exports.mine(conn, her.person_id, export.export_id)
    assert seen and (seen.state, seen.why) == ("failed", "fault")
    assert made(jobs, conn, her.person_id).testzip() is None  # asked for anew


def test_two_workers_never_make_the_same_copy(jobs, conn, her):
    exports.ask(conn, her.person_id)
    with jobs.connection() as one, jobs.connection() as other:
        assert exports.take(one) is not None
        one.commit()
        assert exports.take(other) is None


def test_a_withdrawal_stops_the_copy_that_is_being_made(jobs, conn, her, monkeypatch):
    export = exports.ask(conn, her.person_id)
    tell = exports.tell
    steps = []

    def withdrawing(telling, export_id, *, step, done, total):
        if step == "fhir" and "fhir" not in steps:
            [records] = [one for one in consents.of_person(conn, her.person_id) if one.purpose == "phr_records"]
            with conn.transaction():
                consents.withdraw(conn, her.person_id, records.consent_id, datetime.now(UTC))
        steps.append(step)
        tell(telling, export_id, step=step, done=done, total=total)

    monkeypatch.setattr(exports, "tell", withdrawing)
    assert export_job.work_once(jobs, NOW, kept=WEEK)
    seen = exports.mine(conn, her.person_id, export.export_id)
    assert seen and (seen.state, seen.why, steps[-1]) == ("stopped", "consent", "fhir")
    assert conn.execute("select count(*) from identity.export_pieces").fetchone() == (0,)


def test_a_withdrawal_takes_away_the_file_that_rests_on_it(jobs, conn, her):
    made(jobs, conn, her.person_id)
    [records] = [one for one in consents.of_person(conn, her.person_id) if one.purpose == "phr_records"]
    consents.withdraw(conn, her.person_id, records.consent_id, datetime.now(UTC))
    [seen] = exports.of_person(conn, her.person_id)
    assert (seen.state, seen.why) == ("stopped", "consent")
    assert conn.execute("select count(*) from identity.export_pieces").fetchone() == (0,)


def test_a_withdrawal_that_waits_for_the_last_step_leaves_no_piece_of_the_file(jobs, conn, her, database, monkeypatch):
    export = exports.ask(conn, her.person_id)
    [records] = [one for one in consents.of_person(conn, her.person_id) if one.purpose == "phr_records"]
    finish = exports.finish
    with psycopg.connect(database) as other, ThreadPoolExecutor(1) as hers:
        (pid,) = other.execute("select pg_backend_pid()").fetchone()
        other.commit()
        withdrawn = []

        def overtaken(making, *args, **named):
            finish(making, *args, **named)
            withdrawn.append(
                hers.submit(consents.withdraw, other, her.person_id, records.consent_id, datetime.now(UTC))
            )
            waits = "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s"
            until(lambda: conn.execute(waits, (pid,)).fetchone() == (True,))

        monkeypatch.setattr(exports, "finish", overtaken)
        assert export_job.work_once(jobs, NOW, kept=WEEK)
        assert withdrawn[0].result(timeout=30)
        other.commit()
    seen = exports.mine(conn, her.person_id, export.export_id)
    assert seen and (seen.state, seen.why) == ("stopped", "consent")
    assert conn.execute("select count(*) from identity.export_pieces").fetchone() == (0,)


def test_a_consent_that_runs_out_closes_the_file_with_nobody_doing_anything(jobs, conn, her):
    made(jobs, conn, her.person_id)
    conn.execute("update health.consents set valid = tstzrange(lower(valid), now()) where purpose = 'phr_records'")
    [seen] = exports.of_person(conn, her.person_id)
    assert exports.pieces(conn, her.person_id, seen.export_id) is None  # at once
    assert exports.sweep(conn) == 1
    assert conn.execute("select count(*) from identity.export_pieces").fetchone() == (0,)


def test_the_file_is_gone_after_its_days(jobs, conn, her):
    made(jobs, conn, her.person_id)
    assert exports.sweep(conn) == 0
    conn.execute("update identity.exports set expires_at = now()")
    [seen] = exports.of_person(conn, her.person_id)
    assert exports.pieces(conn, her.person_id, seen.export_id) is None
    assert exports.sweep(conn) == 1
    assert conn.execute("select state, key, why from identity.exports").fetchone() == ("gone", None, "time")
    assert conn.execute("select count(*) from identity.export_pieces").fetchone() == (0,)


def test_a_copy_is_one_moment_of_the_database(jobs, conn, her, monkeypatch):
    tell = exports.tell

    def writing(telling, export_id, *, step, done, total):
        if step == "csv":
            conn.execute("delete from health.readings where person_id = %s", (her.person_id,))
        tell(telling, export_id, step=step, done=done, total=total)

    monkeypatch.setattr(exports, "tell", writing)
    copy = made(jobs, conn, her.person_id)
    assert len(copy.read("readings.csv").splitlines()) - 1 == len(
        json.loads(copy.read("export.json"))["tables"]["health.readings"]
    )
