"""Staff's second factor, outside of the demonstration."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import psycopg
import pyotp
import pytest
from callers import Town
from fastapi.testclient import TestClient

from phr_api.doors import COOKIE
from store import second_factors, sessions
from store.settings import Settings

HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def nurse(app_on, doors, database: str, town: Town) -> Iterator[TestClient]:
    """The 保健師's browser, come from the directory and no further."""
    app = app_on(Settings(database_url=database, public_url="http://testserver"), doors)
    with TestClient(app, headers=HTML, follow_redirects=False) as opened:
        opened.cookies.set(COOKIE, town.nurse_token, domain="testserver.local")
        yield opened


@pytest.fixture(autouse=True)
def no_step_ends_now() -> None:
    """A step of 30 s shall not end while a test looks at two codes of it."""
    left = 30 - time.time() % 30
    if left < 6:
        time.sleep(left)


def secret(nurse: TestClient) -> str:
    page = nurse.get("/second-factor").text
    return "".join(re.findall(r"<span>(\w+)</span>", page.split('class="code">')[1].split("</p>")[0]))


def code(of: str, steps: int = 0) -> str:
    return pyotp.TOTP(of).at(int(time.time()) + 30 * steps)


def enrol(nurse: TestClient) -> tuple[str, list[str]]:
    """Set it up with the code of the step before, so that this one's is still good."""
    made = secret(nurse)
    answer = nurse.post("/second-factor/new", data={"code": code(made, -1)})
    assert answer.status_code == 200
    return made, re.findall(r"<code>([\w-]+)</code>", answer.text)


def sign_in_anew(nurse: TestClient, town: Town, conn: psycopg.Connection) -> str:
    token = sessions.open(conn, staff_id=town.nurse.staff_id)
    nurse.cookies.delete(COOKIE)
    nurse.cookies.set(COOKIE, token, domain="testserver.local")
    return token


def test_without_a_second_factor_a_nurse_can_do_nothing_but_set_it_up(nurse, town):
    for path in ("/nurse", "/sessions", f"/nurse/people/{town.hanako.public_id}"):
        answer = nurse.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/second-factor"), path
    assert nurse.get("/api/nurse/worklist").status_code == 403
    assert "設定してください" in nurse.get("/second-factor").text


def test_the_first_code_lets_in_under_a_new_token_and_shows_ten_recovery_codes(nurse, town):
    _, codes = enrol(nurse)
    assert len(set(codes)) == 10
    assert nurse.get("/nurse").status_code == 200
    assert nurse.cookies[COOKIE] != town.nurse_token
    nurse.cookies.delete(COOKIE)
    nurse.cookies.set(COOKIE, town.nurse_token, domain="testserver.local")  # known from before the second factor
    assert nurse.get("/nurse").status_code == 401


def test_a_wrong_code_sets_nothing_up(nurse):
    made = secret(nurse)
    for wrong in ("000000", "", "abc", code(made, 50), code(made, -3)):
        assert nurse.post("/second-factor/new", data={"code": wrong}).status_code in (422, 429)
    assert nurse.get("/nurse").headers["location"] == "/second-factor"


def test_a_code_is_good_once_and_none_before_it(nurse, town, conn):
    made, _ = enrol(nurse)
    sign_in_anew(nurse, town, conn)
    assert nurse.get("/nurse").headers["location"] == "/second-factor"
    now = code(made)
    assert nurse.post("/second-factor", data={"code": f"{now[:3]} {now[3:]}"}).headers["location"] == "/nurse"
    assert nurse.get("/nurse").status_code == 200
    sign_in_anew(nurse, town, conn)
    assert nurse.post("/second-factor", data={"code": now}).status_code == 422  # read over her shoulder
    assert nurse.post("/second-factor", data={"code": code(made, -1)}).status_code == 422
    assert nurse.post("/second-factor", data={"code": code(made, 1)}).headers["location"] == "/nurse"


def test_a_recovery_code_is_good_once(nurse, town, conn):
    _, codes = enrol(nurse)
    for status in (303, 422):
        sign_in_anew(nurse, town, conn)
        assert nurse.post("/second-factor", data={"code": codes[0].lower()}).status_code == status
    unused = "select count(*) from identity.recovery_codes where staff_id = %s and used_at is null"
    assert conn.execute(unused, (town.nurse.staff_id,)).fetchone() == (9,)


def test_who_is_in_already_can_not_be_given_another_secret(nurse, town, conn):
    """Somebody with her password alone must not put his own telephone in the place of hers."""
    enrol(nurse)
    sign_in_anew(nurse, town, conn)
    assert "設定してください" not in nurse.get("/second-factor").text
    assert nurse.post("/second-factor/new", data={"code": "000000"}).status_code == 409


def test_guessing_has_to_wait_and_does_not_keep_her_out_of_her_own_browser(nurse, town, conn):
    made, _ = enrol(nurse)
    sign_in_anew(nurse, town, conn)
    token = sessions.open(conn, staff_id=town.nurse.staff_id)
    stranger = {"Cookie": f"{COOKIE}={token}"}
    with TestClient(nurse.app, headers=HTML | stranger, follow_redirects=False) as guesser:
        statuses = [guesser.post("/second-factor", data={"code": "000000"}).status_code for _ in range(5)]
        assert statuses == [422] * 5
        # The wait that this made, as if it were longer: on a busy machine a second is over before the next try.
        conn.execute("update identity.tries set open_at = open_at + interval '1 hour' where failures >= 5")
        refused = guesser.post("/second-factor", data={"code": code(made)})
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1  # even a right one has to wait
    assert nurse.post("/second-factor", data={"code": code(made)}).headers["location"] == "/nurse"


def test_the_wait_grows_and_an_hour_of_peace_forgets(conn):
    waits = []
    for _ in range(9):
        conn.execute("update identity.tries set open_at = clock_timestamp()")
        assert conn.execute("select identity.try_now('x', 5, 900)").fetchone() == (0.0,)
        row = conn.execute(
            "select round(extract(epoch from open_at - clock_timestamp())) from identity.tries"
        ).fetchone()
        waits.append(int(row[0]))
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16]
    conn.execute("update identity.tries set failures = 99, open_at = clock_timestamp()")
    conn.execute("select identity.try_now('x', 5, 900)")
    row = conn.execute("select round(extract(epoch from open_at - clock_timestamp())) from identity.tries").fetchone()
    assert row == (900,)
    conn.execute("update identity.tries set open_at = now() - interval '2 hours'")
    conn.execute("select identity.try_now('x', 5, 900)")
    assert conn.execute("select failures from identity.tries").fetchone() == (1,)


def test_neither_secret_nor_recovery_code_lies_readable_in_the_database(nurse, conn):
    made, codes = enrol(nurse)
    stored = repr(conn.execute("select secret from identity.second_factors").fetchall())
    stored += repr(conn.execute("select code_hash from identity.recovery_codes").fetchall())
    assert made not in stored and all(one.replace("-", "") not in stored for one in codes)


def test_a_forgotten_factor_begins_anew_and_ends_every_session(nurse, town, conn):
    enrol(nurse)
    assert second_factors.forget(conn, town.nurse.staff_id)
    assert nurse.get("/nurse").status_code == 401
    sign_in_anew(nurse, town, conn)
    assert "設定してください" in nurse.get("/second-factor").text


def test_a_citizen_has_no_business_there_and_the_setting_turns_it_off(app_on, nurse, town, doors):
    nurse.cookies.delete(COOKIE)
    citizen = {"Authorization": f"Bearer {town.hanako_token}"}
    assert nurse.get("/second-factor", headers=citizen).status_code == 403
    app = app_on(Settings(public_url="http://testserver", staff_second_factor=False), doors)
    with TestClient(app, headers=HTML | {"Authorization": f"Bearer {town.nurse_token}"}) as trusted:
        assert trusted.get("/nurse").status_code == 200
