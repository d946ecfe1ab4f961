"""The commands of rights, as an operator types them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from typer.testing import CliRunner

from phr_api import export_job
from phr_api.cli import app
from store import consents, deletion, entitlements, exports, people


@pytest.fixture
def phr(database, monkeypatch):
    monkeypatch.setenv("PHR_DATABASE_URL", database)
    return lambda *words: CliRunner().invoke(app, words)


@pytest.fixture
def she(conn):
    return people.add(conn, birth_date=date(1950, 1, 1), sex="female", name="長谷川 さち")


def gone(conn, person_id) -> None:
    deletion.ask(conn, person_id, by="self", wait=timedelta())
    plan = deletion.next_due(conn, datetime.now(UTC))
    deletion.shut(conn, plan)
    conn.execute("update identity.deletion_plans set shut_at = shut_at - interval '1 hour'")
    deletion.carry_out(conn, deletion.next_due(conn, datetime.now(UTC)))


def test_a_copy_is_taken_in_once_after_its_person_has_gone(phr, db, conn, she, tmp_path):
    export = exports.ask(conn, she.person_id)
    export_job.work_once(db, datetime.now(UTC), kept=timedelta(days=1))
    file = tmp_path / "copy.zip"
    file.write_bytes(b"".join(exports.pieces(conn, she.person_id, export.export_id)))
    refused = phr("import-export", str(file))
    assert refused.exit_code == 1 and "here already; nothing was taken in" in refused.stderr
    gone(conn, she.person_id)
    assert phr("import-export", str(file)).exit_code == 0
    back = people.by_public_id(conn, she.public_id)
    assert back and people.name_of(conn, back.person_id) == "長谷川 さち"
    noted = conn.execute("select action from audit.looks where person_id = %s and role = 'operator'", (back.person_id,))
    assert noted.fetchall() == [("import",)]


def test_after_a_restore_who_was_deleted_is_deleted_again(phr, conn, she, tmp_path):
    gone(conn, she.person_id)
    listed = phr("rights", "deleted").stdout
    file = tmp_path / "deletions.csv"
    file.write_text(listed)
    assert str(she.public_id) in listed and "長谷川" not in listed
    assert "0 deletions planned" in phr("rights", "delete-again", str(file)).stdout
    again = people.add(conn, birth_date=date(1950, 1, 1), sex="female", name="長谷川 さち")  # as the backup has her
    conn.execute("update health.people set public_id = %s where person_id = %s", (she.public_id, again.person_id))
    assert "1 deletions planned" in phr("rights", "delete-again", str(file)).stdout
    assert deletion.next_due(conn, datetime.now(UTC))
    file.write_text("a,b\n1,2\n")
    assert phr("rights", "delete-again", str(file)).exit_code == 1


def test_a_dry_run_counts_and_changes_nothing(phr, conn):
    conn.execute("insert into health.arrivals values ('s', 1, 'd', now() - interval '99 days')")
    counted = phr("retention", "--dry-run").stdout
    assert "PHR_KEEP_ARRIVALS_DAYS" in counted and "nothing was changed" in counted
    assert conn.execute("select count(*) from health.arrivals").fetchone() == (1,)
    assert phr("retention").exit_code == 0
    assert conn.execute("select count(*) from health.arrivals").fetchone() == (0,)


def test_who_refuses_provision_for_research_is_listed_until_they_change_their_mind(phr, conn, she):
    given = {"purpose": "next_generation_opt_out", "recipient": "city", "items": ["*"], "text_version": "1"}
    since = datetime.now(UTC)
    refusal = consents.give(conn, she.person_id, **given, given_by="self", valid_from=since)
    people.add(conn, birth_date=date(1950, 1, 1), sex="male", name="別の 人")
    assert phr("rights", "refused").stdout.splitlines()[1:] == [f"{she.public_id},{since}"]
    assert consents.withdraw(conn, she.person_id, refusal, datetime.now(UTC))
    assert phr("rights", "refused").stdout.splitlines() == ["public_id,since"]


def test_after_a_restore_what_was_withdrawn_since_is_withdrawn_again(phr, conn, she, tmp_path):
    son = people.add(conn, birth_date=date(1980, 1, 1), sex="male", name="長谷川 一")
    given = {"recipient": "city", "items": ["*"], "text_version": "1", "given_by": "self"}
    times = {"valid_from": datetime.now(UTC) - timedelta(days=3)}
    guidance = consents.give(conn, she.person_id, purpose="guidance", **given, **times)
    consents.give(conn, she.person_id, purpose="push", **given, **times)
    helps = entitlements.add(
        conn, person_id=she.person_id, proxy_id=son.person_id, kind="caregiver", relation="長男", scope=["see"],
        valid_from=times["valid_from"], valid_to=None, evidence="x", noted_by="self",
    )  # fmt: skip
    before = "update health.consents set withdrawn_at = null, withdrawn_by = null"
    consents.withdraw(conn, she.person_id, guidance, datetime.now(UTC))
    entitlements.end_between(conn, person_id=she.person_id, proxy_id=son.person_id, by="staff:1")
    file = tmp_path / "withdrawals.csv"
    file.write_text(phr("rights", "withdrawn").stdout)
    assert str(she.public_id) in file.read_text() and "長谷川" not in file.read_text()
    conn.execute(before)  # as the backup has it
    conn.execute("update health.entitlements set ended_at = null, ended_by = null")
    assert "2 consents and proxies ended" in phr("rights", "withdraw-again", str(file)).stdout
    running = [one.purpose for one in consents.of_person(conn, she.person_id) if one.withdrawn_at is None]
    assert running == ["push"]
    ended = conn.execute("select ended_by from health.entitlements where entitlement_id = %s", (helps,)).fetchone()
    assert ended == ("restored",)
    anew = consents.give(conn, she.person_id, purpose="guidance", **given, valid_from=datetime.now(UTC))
    assert "0 consents and proxies ended" in phr("rights", "withdraw-again", str(file)).stdout
    [still] = [one for one in consents.of_person(conn, she.person_id) if one.consent_id == anew]
    assert still.withdrawn_at is None
    noted = conn.execute("select items from audit.looks where person_id = %s and action = 'write'", (she.person_id,))
    assert sorted(noted.fetchall()) == [("consents",), ("entitlements",)]
    for spoilt in ("a,b\n1,2\n", "kind,public_id,of,at\nconsent,x,phr city,2026-11-01\n"):
        file.write_text(spoilt)
        assert phr("rights", "withdraw-again", str(file)).exit_code == 1
