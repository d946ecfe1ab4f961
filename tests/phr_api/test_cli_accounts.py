"""`phr accounts`: tying accounts at the desk, and letting programs in."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from callers import Town
from joserfc.jwk import ECKey
from typer.testing import CliRunner, Result

from phr_api.cli import app
from store import accounts, clients, openings, second_factors, sessions, staff


@pytest.fixture
def phr(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PHR_DATABASE_URL", database)

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["accounts", *words])

    return run


def test_the_number_of_the_sign_in_page_ties_an_account_with_its_evidence(phr, town: Town, conn: psycopg.Connection):
    code = accounts.ask(conn, "https://id.example", "subject-9")
    done = phr("link", code.lower(), "--person", str(town.hanako.public_id), "--evidence", "マイナンバーカード")
    assert done.exit_code == 0, done.output
    found = accounts.find(conn, "https://id.example", "subject-9")
    assert found is not None and found.person_id == town.hanako.person_id
    listed = phr("list", "--person", str(town.hanako.public_id)).output
    assert "マイナンバーカード" in listed and "operator:" in listed
    looks = conn.execute("select action, items, person_id from audit.looks order by look_id").fetchall()
    assert looks == [("write", "accounts", town.hanako.person_id), ("read", "accounts", town.hanako.person_id)]
    again = phr("link", code, "--staff", str(town.nurse.staff_id), "--evidence", "x")
    assert again.exit_code == 1 and "not good" in again.output


def test_a_number_is_not_used_up_by_a_mistake(phr, town, conn):
    code = accounts.ask(conn, "https://id.example", "subject-9")
    for wrong in (("--staff", "999"), ("--person", "00000000-0000-0000-0000-000000000000"), ()):
        assert phr("link", code, *wrong, "--evidence", "x").exit_code == 1
    assert phr("link", code, "--staff", str(town.nurse.staff_id), "--evidence", "x").exit_code == 0


def test_untying_ends_the_sessions(phr, town, conn):
    accounts.link(conn, "i", "s", staff_id=town.nurse.staff_id, evidence="x", linked_by="operator:x")
    account = accounts.find(conn, "i", "s")
    token = sessions.open(conn, staff_id=town.nurse.staff_id, account_id=account.account_id)
    assert phr("unlink", str(account.account_id)).exit_code == 0
    assert sessions.who(conn, token) is None and accounts.find(conn, "i", "s") is None
    assert phr("unlink", str(account.account_id)).exit_code == 1


def test_a_program_is_let_in_by_its_public_key_and_shut_out(phr, conn, tmp_path: Path):
    key = ECKey.generate_key("P-256", {"kid": "k1"})
    (tmp_path / "public").write_text(json.dumps(key.as_dict(private=False)))
    (tmp_path / "private").write_text(json.dumps(key.as_dict(private=True)))
    (tmp_path / "nothing").write_text("{}")
    for wrong in ("private", "nothing"):
        refused = phr("add-client", "nihonkai", "--facility", "0612345", "--key", str(tmp_path / wrong))
        assert refused.exit_code == 1 and clients.listing(conn) == []
    assert phr("add-client", "nihonkai", "--facility", "0612345", "--key", str(tmp_path / "public")).exit_code == 0
    assert [one["kid"] for one in clients.keys(conn, "nihonkai")] == ["k1"]
    assert phr("add-key", "nihonkai", str(tmp_path / "public")).exit_code == 1  # the same kid
    assert "nihonkai" in phr("clients").output
    assert phr("revoke", "nihonkai", "--kid", "k1").exit_code == 0
    assert clients.keys(conn, "nihonkai") == []
    assert phr("revoke", "nihonkai").exit_code == 0
    assert phr("revoke", "nihonkai").exit_code == 1


def test_staff_are_added_with_their_town(phr, conn):
    assert phr("add-staff", "庄内 みどり", "--town", "064610").exit_code == 0
    assert conn.execute("select town from identity.staff").fetchall() == [("064610",)]
    assert phr("add-staff", "庄内 みどり", "--town", "酒田").exit_code == 1


def test_staff_of_a_facility_and_supervisors_are_added(phr, conn):
    centre = ("--facility", "0688888888", "--facility-name", "港の保健センター")
    assert phr("add-staff", "港 みなと", *centre).exit_code == 0
    assert phr("add-staff", "保健 おさ", "--supervisor").exit_code == 0
    for wrong in (centre[:2], centre[2:], (*centre, "--supervisor"), ("--facility", "12", "--facility-name", "x")):
        assert phr("add-staff", "だれか", *wrong).exit_code == 1
    rows = conn.execute("select role, facility, facility_name from identity.staff order by staff_id").fetchall()
    assert rows == [("nurse", "0688888888", "港の保健センター"), ("supervisor", None, None)]


def test_a_researchers_program_is_no_clinics(phr, conn, tmp_path):
    key = ECKey.generate_key("P-256", {"kid": "k1"})
    (tmp_path / "public").write_text(json.dumps(key.as_dict(private=False)))
    both = ("--researcher", "--facility", "0612345678")
    assert phr("add-client", "koeki", *both, "--key", str(tmp_path / "public")).exit_code == 1
    assert phr("add-client", "koeki", "--researcher", "--key", str(tmp_path / "public")).exit_code == 0
    assert phr("add-client", "lab", "--living-lab", "--researcher", "--key", str(tmp_path / "public")).exit_code == 1
    assert phr("add-client", "lab", "--living-lab", "--key", str(tmp_path / "public")).exit_code == 0
    assert [(one.role, one.facility) for one in clients.listing(conn)] == [("researcher", None), ("living_lab", None)]


def test_a_lost_telephone_is_forgotten_once(phr, town, conn):
    conn.execute(
        "insert into identity.second_factors (staff_id, secret) values (%s, %s)",
        (town.nurse.staff_id, b"\xff" + bytes(60)),
    )
    assert phr("forget-factor", str(town.nurse.staff_id)).exit_code == 0
    assert sessions.who(conn, town.nurse_token) is None
    assert phr("forget-factor", str(town.nurse.staff_id)).exit_code == 1


def test_who_leaves_is_out_at_once_with_everything_that_let_them_in(phr, town, conn, nurse):
    her, second = town.nurse.staff_id, phr("add-staff", "保健 つぎ").output
    accounts.link(conn, "i", "s", staff_id=her, evidence="x", linked_by="operator:x")
    openings.add(
        conn, staff_id=her, person_id=town.taro.person_id, town="062049", ground="life",
        reason="お電話で返事が弱いため", lasts=timedelta(hours=1),
    )  # fmt: skip
    seal = b"\xff" + bytes(60)
    conn.execute("insert into identity.second_factors (staff_id, secret) values (%s, %s)", (her, seal))
    conn.execute("insert into identity.recovery_codes (staff_id, code_hash) values (%s, 'x')", (her,))
    second_factors.remember_browser(conn, her)
    page = f"/api/nurse/people/{town.taro.public_id}"
    assert nurse.get(page).status_code == 200
    done = phr("end-staff", str(her))
    assert done.exit_code == 0, done.output
    assert nurse.get(page).status_code == 401
    assert sessions.who(conn, sessions.open(conn, staff_id=her)) is None  # not even by one that came later
    assert accounts.find(conn, "i", "s") is None
    for table in ("second_factors", "recovery_codes", "known_browsers"):
        assert conn.execute(f"select from identity.{table}".encode()).rowcount == 0
    assert openings.in_force(conn, her, town.taro.person_id) is None
    code = accounts.ask(conn, "i", "s")
    assert "has left" in phr("link", code, "--staff", str(her), "--evidence", "x").output
    assert phr("end-staff", str(her)).exit_code == 1
    assert "保健 つぎ" in phr("staff").output and town.nurse.name not in phr("staff").output and second
    known = staff.by_id(conn, her)  # who looked is still told by name
    assert known is not None and known.name == town.nurse.name
    noted = conn.execute(
        "select count(*) from audit.looks where role = 'operator' and (action, items) = ('write', 'staff')"
    )
    assert noted.fetchone() == (2,)


def test_a_facility_without_staff_is_offered_to_nobody(phr, conn):
    phr("add-staff", "港 みなと", "--facility", "0688888888", "--facility-name", "港の保健センター")
    [one] = staff.listing(conn)
    assert staff.facilities(conn) == {"0688888888": "港の保健センター"}
    assert phr("end-staff", str(one.staff_id)).exit_code == 0
    assert staff.facilities(conn) == {} and staff.listing(conn) == []
