"""Proxies who act: what the entitlement says, in the person's sight, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from callers import Town
from fastapi import FastAPI
from fastapi.testclient import TestClient

from phr_api import onboarding
from phr_api.doors import COOKIE
from store import entitlements, people, sessions, typed
from store.clock import civil_day
from store.entitlements import May
from store.model import Sample

NOW = datetime.now(UTC)
HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
SEEN = ["/api/advice", "/api/records", "/api/checkups", "/api/corrections", "/api/readings?metric=weight",
        "/api/days?metric=weight", f"/api/days/{NOW.date()}/steps"]  # fmt: skip


@pytest.fixture
def browser(app: FastAPI, town: Town) -> Iterator[TestClient]:
    """Taro's browser."""
    with TestClient(app, headers=HTML, cookies={COOKIE: town.taro_token}, follow_redirects=False) as opened:
        yield opened


def entitle(conn: psycopg.Connection, town: Town, *scope: May, **other: Any) -> int:
    """Taro may do this for Hanako."""
    given: dict[str, Any] = {"kind": "caregiver", "relation": "夫", "evidence": "委任状", "noted_by": "staff:1"}
    given |= {"valid_from": NOW - timedelta(days=1), "valid_to": None, "scope": scope}
    return entitlements.add(
        conn, **{"person_id": town.hanako.person_id, "proxy_id": town.taro.person_id} | given | other
    )


def whom(town: Town) -> dict[str, str]:
    return {"person": str(town.hanako.public_id)}


def weigh(at: datetime = NOW) -> dict[str, Any]:
    return {"readings": [{"metric": "weight", "value": 61.25, "unit": "kg", "at": at.isoformat()}]}


def test_who_may_see_sees_and_does_nothing_else_and_the_person_reads_it(
    taro: TestClient, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    given = entitle(conn, town, "see")
    typed.add(conn, town.hanako.person_id, [Sample("weight", 61.25, NOW)], NOW)
    [shown] = taro.get("/api/readings", params=whom(town) | {"metric": "weight"}).json()["readings"]
    assert shown["value"] == 61.25
    assert [taro.get(path, params=whom(town) | _query(path)).status_code for path in SEEN] == [200] * len(SEEN)
    assert taro.get("/api/readings", params={"metric": "weight"}).json()["readings"] == [], "his own, without a person"
    assert taro.post("/api/entries", params=whom(town), json=weigh()).status_code == 404
    assert taro.get("/api/consents", params=whom(town)).status_code == 404
    looks = conn.execute(
        "select distinct role, purpose, basis, actor from audit.looks where person_id = %s and allowed"
        " and actor like 'person:%%'",
        (town.hanako.person_id,),
    ).fetchall()
    assert looks == [("proxy", "proxy", f"entitlement:{given}", f"person:{town.taro.public_id}")]
    page = hanako.get("/looks", headers=HTML).text
    assert "夫の方(代理)" in page and "体重" in page


def _query(path: str) -> dict[str, str]:
    return {"metric": "weight"} if "metric" in path else {}


def test_what_a_proxy_enters_is_marked_as_theirs_and_the_person_puts_it_right(
    taro: TestClient, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    given = entitle(conn, town, "see", "enter")
    at = NOW.replace(microsecond=0)
    assert taro.post("/api/entries", params=whom(town), json=weigh(at)).status_code == 201
    assert taro.post("/api/entries", params=whom(town), json=weigh(at)).json() == {"stored": 0, "already": 1}
    [row] = hanako.get("/api/readings?metric=weight").json()["readings"]
    assert (row["value"], row["source"]) == (61.25, "代理の方が入力")
    corrected = {"value": 61.5, "unit": "kg"}
    path = f"/api/entries/weight/{at.isoformat()}"
    assert taro.put(path, params=whom(town), json=corrected).json() == {"changed": True}
    assert hanako.put(path, json=corrected | {"value": 61.0}).json() == {"changed": True}
    assert [one["by"] for one in hanako.get("/api/corrections").json()] == ["ご本人", "代理の方"]
    (by,) = conn.execute("select distinct entered_by from health.sources where kind = 'manual'").fetchall()
    assert by == (f"proxy:{given}",)


def test_whatever_is_the_persons_own_stays_closed_to_a_proxy_of_everything(
    taro: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    """The query is not looked at there: he reads and changes his own."""
    entitle(conn, town, "see", "enter", "consents")
    before = conn.execute("select count(*) from audit.looks where person_id = %s", (town.hanako.person_id,)).fetchone()
    for path in (
        "/api/looks",
        "/api/exports",
        "/api/deletion",
        "/api/entitlements",
        "/rights",
        "/devices",
        "/sessions",
    ):
        assert "酒田" not in taro.get(path, params=whom(town)).text
    assert taro.get("/api/me", params=whom(town)).json()["name"] == "最上 太郎"
    assert taro.post("/api/deletion", params=whom(town)).status_code < 300
    assert (
        taro.post("/api/invitations", params=whom(town), json={"relation": "妻", "scope": ["see"]}).status_code == 201
    )
    assert conn.execute("select person_id from identity.deletion_plans").fetchall() == [(town.taro.person_id,)]
    assert conn.execute("select person_id from health.invitations").fetchall() == [(town.taro.person_id,)]
    after = conn.execute("select count(*) from audit.looks where person_id = %s", (town.hanako.person_id,)).fetchone()
    assert after == before


@pytest.mark.parametrize("state", ["none", "ended", "future", "over", "grown", "of another", "the other way", "chain"])
def test_without_an_entitlement_in_force_there_is_nobody(
    taro: TestClient, town: Town, conn: psycopg.Connection, state: str
) -> None:
    third = people.add(conn, birth_date=town.hanako.birth_date, sex="male", name="友人").person_id
    scope: tuple[May, ...] = ("see", "enter", "consents")
    changes: dict[str, Any] = {
        "future": {"valid_from": NOW + timedelta(hours=1)},
        "over": {"valid_to": NOW - timedelta(hours=1)},
        "grown": {"kind": "parent"},
        "of another": {"person_id": third},
        "the other way": {"person_id": town.taro.person_id, "proxy_id": town.hanako.person_id},
        "chain": {"proxy_id": third},
    }
    if state != "none":
        given = entitle(conn, town, *scope, **changes.get(state, {}))
    if state == "ended":
        entitlements.end(conn, given, person_id=town.hanako.person_id, by="self")
    if state == "chain":
        entitle(conn, town, *scope, person_id=third)
    asked = [taro.get(path, params=whom(town) | _query(path)).status_code for path in (*SEEN, "/api/consents")]
    assert asked == [404] * len(asked)
    assert taro.post("/api/entries", params=whom(town), json=weigh()).status_code == 404
    denied = conn.execute(
        "select count(*) from audit.looks where person_id = %s and not allowed", (town.hanako.person_id,)
    )
    assert denied.fetchone() == (len(asked) + 1,)
    assert conn.execute("select count(*) from health.readings").fetchone() == (0,)


def test_an_invitation_is_read_and_accepted_once_by_somebody_else(
    taro: TestClient, hanako: TestClient, nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    offer = {"relation": "夫", "scope": ["see", "enter"]}
    assert hanako.post("/api/invitations", json=offer | {"scope": ["enter"]}).status_code == 422
    assert hanako.post("/api/invitations", json=offer | {"scope": ["export"]}).status_code == 422
    code = {"code": hanako.post("/api/invitations", json=offer).json()["code"]}
    assert hanako.post("/api/invitations/accept", json=code).status_code == 404, "one's own"
    assert nurse.post("/api/invitations/accept", json=code).status_code == 403
    told = taro.post("/api/invitations/read", json=code).json()
    assert told == offer | {"name": "酒田 花子", "valid_to": None}
    made = taro.post("/api/invitations/accept", json=code).json()
    assert made["public_id"] == str(town.hanako.public_id)
    assert taro.post("/api/invitations/accept", json=code).status_code == 404, "used"
    [shown] = hanako.get("/api/entitlements").json()["for_me"]
    assert (shown["relation"], shown["scope"], shown["evidence"]) == ("夫", ["see", "enter"], "本人の招待")
    assert taro.get("/api/advice", params=whom(town)).status_code == 200
    assert hanako.delete(f"/api/entitlements/{shown['entitlement_id']}").status_code == 204
    assert taro.get("/api/advice", params=whom(town)).status_code == 404


def test_both_read_who_noted_and_who_ended_it(
    taro: TestClient, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    given = entitle(conn, town, "see")
    taro.get("/proxies", headers=HTML)
    assert taro.delete(f"/api/entitlements/{given}").status_code == 204
    rows = (
        "select actor, action, basis from audit.looks where person_id = %s and items = 'entitlements' and basis <> ''"
    )
    assert conn.execute(rows, (town.hanako.person_id,)).fetchall() == [
        (f"person:{town.taro.public_id}", "write", f"entitlement:{given}")
    ]
    page = hanako.get("/looks", headers=HTML).text
    assert "夫の方(代理)" in page and "ご家族" not in page, "not even of the name that his list shows"
    assert taro.get("/api/advice", params=whom(town)).status_code == 404
    conn.execute("delete from health.entitlements")  # as when he has his own record deleted
    page = hanako.get("/looks", headers=HTML).text
    assert "代理に関わる方" in page and "ほかの方" in page and "ご家族" not in page


def test_a_child_invites_nobody_until_the_day_of_18(hanako: TestClient, town: Town, conn: psycopg.Connection) -> None:
    today, asked = civil_day(datetime.now(UTC)), {"relation": "先生", "scope": ["see", "consents"]}
    born = "update health.people set birth_date = %s where person_id = %s"
    eighteen = today - timedelta(days=365 * 18 + 4)  # four or five leap days: today's birthday, or a day or two past it
    conn.execute(born, (eighteen + timedelta(days=3), town.hanako.person_id))
    assert hanako.post("/api/invitations", json=asked).status_code == 403
    assert "保護者" in hanako.post("/proxies/invite", data=asked | {"years": "1"}, headers=HTML).text
    assert conn.execute("select count(*) from health.invitations").fetchone() == (0,)
    conn.execute(born, (eighteen - timedelta(days=1), town.hanako.person_id))
    assert hanako.post("/api/invitations", json=asked).status_code == 201


def test_inviting_needs_a_fresh_sign_in_and_wrong_codes_are_slowed_down(
    hanako: TestClient, taro: TestClient, conn: psycopg.Connection
) -> None:
    answers = [taro.post("/api/invitations/read", json={"code": f"{n:016}"}).status_code for n in range(24)]
    assert answers[0] == 404 and answers[-1] == 429
    conn.execute("update identity.sessions set signed_in_at = now() - interval '11 minutes'")
    assert hanako.post("/api/invitations", json={"relation": "夫", "scope": ["see"]}).status_code == 401
    assert hanako.get("/proxies/invite", headers=HTML).headers["location"] == "/signin/again?after=%2Fproxies%2Finvite"


def test_a_browser_shows_the_persons_pages_under_a_banner_and_goes_back(
    browser: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    given = entitle(conn, town, "see", "enter", "consents")
    assert browser.post(f"/proxies/{given}/act").headers["location"] == "/"
    banner = "酒田 花子さんのページを見ています(代理)"
    for path in ("/", "/consents", f"/steps/{NOW.date()}", "/proxies/now"):
        page = browser.get(path)
        assert page.status_code == 200 and banner in page.text and 'action="/proxies/back"' in page.text, path
    home = browser.get("/").text
    assert "酒田 花子さんの記録" in home and f'action="/entries?person={town.hanako.public_id}"' in home
    assert "/answer" not in home and "/rights" not in home and "push.js" not in home
    assert browser.get("/me/version").status_code == 200
    kept = browser.post("/entries", data={"at": NOW.strftime("%Y-%m-%dT%H:%M"), "weight": "61.2"})
    assert kept.status_code == 303 and "kept=1" in kept.headers["location"]
    for path in ("/rights", "/devices", "/looks", "/proxies", "/proxies/invite"):
        assert browser.get(path).headers["location"] == "/proxies/now", path
    assert browser.post("/rights/deletion", data={"sure": "yes"}).headers["location"] == "/proxies/now"
    assert conn.execute("select count(*) from identity.deletion_plans").fetchone() == (0,)
    assert conn.execute("select distinct person_id from health.readings").fetchall() == [(town.hanako.person_id,)]
    assert browser.post("/proxies/back").headers["location"] == "/"
    assert "最上 太郎さん、こんにちは" in browser.get("/").text


def test_a_page_in_another_tab_stays_whose_it_is(browser: TestClient, town: Town, conn: psycopg.Connection) -> None:
    """Two tabs: what is sent from a page goes to whom the page showed, whomever the browser shows since then."""
    given, his = entitle(conn, town, "see", "enter", "consents"), f"?person={town.taro.public_id}"
    sheet = {"at": NOW.strftime("%Y-%m-%dT%H:%M"), "weight": "61.2"}
    own = _addresses(browser.get("/").text)
    assert all(address.endswith(his) for address in own) and len(own) == 2
    assert all(one.endswith(his) for one in _addresses(browser.get("/consents").text))
    browser.post(f"/proxies/{given}/act")
    hers = _addresses(browser.get("/").text)
    assert browser.post(own[-1], data=sheet).headers["location"] == f"/?kept=1&{his[1:]}#entry"
    page = browser.get(f"/{his}").text
    assert "最上 太郎さん、こんにちは" in page and "(代理)" not in page and "61.2" in page
    browser.post("/proxies/back")
    assert browser.post(hers[-1], data=sheet | {"weight": "52.1"}).status_code == 303
    rows = conn.execute("select person_id, value from health.readings order by value").fetchall()
    assert rows == [(town.hanako.person_id, 52.1), (town.taro.person_id, 61.2)]
    assert "酒田 花子さんのページを見ています(代理)" in browser.get(f"/?person={town.hanako.public_id}").text
    browser.post(f"/proxies/{given}/act")
    conn.execute("delete from health.entitlements")  # as when her record is deleted: the browser is his own again
    assert browser.post(hers[-1], data=sheet | {"weight": "53.1"}).status_code == 404
    refused = browser.post(own[-1], data=sheet | {"weight": "6l"})
    assert refused.status_code == 422 and own[-1] in refused.text and f'"/{his}#entry"' in refused.text


def _addresses(page: str) -> list[str]:
    """Where a page's script asks and where its forms about the person go."""
    found = re.findall(r'data-whose="([^"]+)"|action="(/(?:entries|consents/[a-z_]+/give)[^"]*)"', page)
    return [one or other for one, other in found]


def test_a_browser_is_dark_at_once_when_the_person_ends_it(
    browser: TestClient, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    given = entitle(conn, town, "see", "enter")
    browser.post(f"/proxies/{given}/act")
    assert browser.get("/consents").headers["location"] == "/proxies/now", "not in the scope"
    assert hanako.delete(f"/api/entitlements/{given}").status_code == 204
    for path in ("/", "/me/version", "/me/charts/weight.json", "/api/advice"):
        assert "酒田" not in browser.get(path).text and browser.get(path).status_code in (303, 403), path
    assert "代理は終わりました" in browser.get("/proxies/now").text
    browser.post("/proxies/back")
    assert browser.get("/").status_code == 200
    assert browser.post(f"/proxies/{given}/act").status_code == 404


def test_one_chooses_only_by_an_entitlement_of_ones_own(
    browser: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    third = people.add(conn, birth_date=town.hanako.birth_date, sex="male", name="友人").person_id
    for other in ({"proxy_id": third}, {"person_id": town.taro.person_id, "proxy_id": town.hanako.person_id}):
        given = entitle(conn, town, "see", **other)
        assert browser.post(f"/proxies/{given}/act").status_code == 404
    assert browser.post("/proxies/back", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    held = sessions.find(conn, town.taro_token)
    assert held is not None and held.acting_by is None


def test_the_pages_invite_show_and_accept(
    browser: TestClient, app: FastAPI, town: Town, conn: psycopg.Connection
) -> None:
    with TestClient(app, headers=HTML, cookies={COOKIE: town.hanako_token}, follow_redirects=False) as hers:
        assert "任せること" in hers.get("/proxies/invite").text
        shown = hers.post("/proxies/invite", data={"relation": "夫", "scope": ["see"], "years": "1"}).text
        code = "".join(part.split("</span>")[0] for part in shown.split('class="code">')[1].split("<span>")[1:5])
        said = f"/proxies#code={'-'.join(code[start : start + 4] for start in range(0, 16, 4))}"
        assert onboarding.inside(app.state.settings.public_url.rstrip("/") + said) in shown and "proxies.js" in shown
        offer = browser.post("/proxies/read", data={"code": code}).text
        assert (
            "酒田 花子さん" in offer and "「夫」として" in offer and "記録を見る" in offer and "入力する" not in offer
        )
        assert browser.post("/proxies/read", data={"code": "wrong"}).status_code == 404
        assert browser.post("/proxies/accept", data={"code": code}).headers["location"] == "/proxies#wards"
        assert "酒田 花子さん" in browser.get("/proxies").text
        mine = hers.get("/proxies").text
        assert "夫(最上 太郎さん)" in mine
        [given] = conn.execute("select entitlement_id from health.entitlements").fetchone() or [0]
        assert hers.post(f"/proxies/{given}/end").status_code == 303
        assert "終わりました" in hers.get("/proxies").text
    assert "酒田" not in browser.get("/proxies").text
