"""The 保健師's desk: numbers tied and untied at the counter, proxies, corrections; and what citizens see of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient

from phr_api.acting import MEMBER_ID
from store import accounts, consents, documents, identifiers, mending, records, sealing_keys
from store.records import NewRecord

SAME = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
CARD = {"insurer": "06123456", "symbol": "さかた", "number": "12", "branch": "01"}


@pytest.fixture(autouse=True)
def keys(conn: psycopg.Connection) -> None:
    """As `phr migrate` leaves a database: the doors make no keys."""
    sealing_keys.prepare(conn)


def hers(town: Town) -> dict[str, str]:
    return {"public_id": str(town.hanako.public_id), "birth_date": "1961-05-03"}


def his(town: Town) -> dict[str, str]:
    return {"public_id": str(town.taro.public_id), "birth_date": "1958-09-09"}


def card(town: Town) -> dict[str, str]:
    return hers(town) | CARD | {"kind": "insurance", "evidence": "保険証の原本"}


def value(conn: psycopg.Connection) -> int | None:
    return identifiers.person_of(conn, MEMBER_ID, "06123456:さかた:12:01")


def test_a_card_is_tied_at_the_counter_and_the_person_sees_who_did_it(
    hanako: TestClient, nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    assert "窓口" in nurse.get("/nurse").text and "/nurse/links" in nurse.get("/nurse/desk").text
    page = nurse.post("/nurse/links/find", data=hers(town), headers=SAME).text
    assert "まだありません" in page and "花子" not in page
    page = nurse.post("/nurse/links", data=card(town) | {"since": "", "until": ""}, headers=SAME).text
    assert "番号をつなぎました" in page and "保険証の原本" in page and "さかた:12" not in page
    assert value(conn) == town.hanako.person_id
    [(noted, kind)] = conn.execute("select noted_by, kind from identity.identifiers").fetchall()
    assert (noted, kind) == (f"staff:{town.nurse.staff_id}", "insurance")
    found = nurse.post("/nurse/links/find", data={"birth_date": "1961-05-03"} | CARD, headers=SAME)
    assert found.status_code == 200  # from now on the card finds her
    assert "保険証や診察券の番号をつなぐため" in hanako.get("/looks").text
    assert hanako.get("/nurse/links").status_code == hanako.get("/nurse/desk").status_code == 403


def test_the_birthday_must_agree_and_all_parts_of_the_number_be_there(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    assert nurse.post("/api/nurse/links", json=card(town) | {"birth_date": "1961-05-04"}).status_code == 404
    assert nurse.post("/api/nurse/links", json=card(town) | {"branch": ""}).status_code == 422
    assert nurse.post("/api/nurse/links", json=card(town) | {"kind": "facility"}).status_code == 422
    days = {"since": "2026-05-01", "until": "2026-05-01"}
    assert nurse.post("/api/nurse/links", json=card(town) | days).status_code == 422
    assert nurse.post("/api/nurse/links/search", json={"birth_date": "1961-05-03"}).status_code == 422
    assert value(conn) is None
    refused = "select count(*) from audit.looks where not allowed"
    assert conn.execute(refused).fetchone() == (1,)


def test_a_number_of_somebody_else_is_never_moved_silently_and_somebody_looks_into_it(
    nurse: TestClient, hanako: TestClient, taro: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    assert nurse.post("/api/nurse/links", json=card(town) | his(town)).status_code == 201  # the wrong one of a couple
    answer = nurse.post("/nurse/links", data=card(town), headers=SAME)
    assert answer.status_code == 409 and "ほかの方につながっている番号です" in answer.text and "太郎" not in answer.text
    assert value(conn) == town.taro.person_id
    assert "確かめることが1件" in nurse.get("/nurse/desk").text
    [conflict] = nurse.get("/api/nurse/link-conflicts").json()
    address = f"/nurse/links/conflicts/{conflict['conflict_id']}"
    assert address in nurse.get("/nurse/links").text
    done = nurse.post(address, data={"outcome": "moved", "evidence": "保険者に電話で確かめた"}, headers=SAME)
    assert "つなぎ直しました" in nurse.get(done.headers["location"]).text
    assert value(conn) == town.hanako.person_id and nurse.get("/api/nurse/link-conflicts").json() == []
    for citizen in (hanako, taro):
        assert "番号をつなぐため" in citizen.get("/looks").text
    assert nurse.post(f"/api{address.replace('/links/conflicts', '/link-conflicts')}", json={
        "outcome": "stays", "evidence": "保険者"}).status_code == 404  # fmt: skip


def test_a_wrong_link_is_undone_on_the_page_and_its_records_are_dark_at_once(
    nurse: TestClient, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    nurse.post("/api/nurse/links", json=card(town))
    [link] = identifiers.matches(conn, [(MEMBER_ID, "06123456:さかた:12:01")])
    consent = consents.give(
        conn, town.hanako.person_id, purpose="phr_records", recipient="*", items=["*"], text_version="1",
        given_by="self", valid_from=datetime.now(UTC) - timedelta(days=1),
    )  # fmt: skip
    source, facility = documents.source_of(conn, "0699", "浜風病院")
    records.add(conn, NewRecord(
        person_id=town.hanako.person_id, document_id=None, source_id=source, consent_id=consent, key="k", kind="lab",
        at=datetime.now(UTC), title="よその検査", facility=facility, released=True, links=[link.link_id],
    ))  # fmt: skip
    assert "よその検査" in hanako.get("/api/records").text
    page = nurse.post("/nurse/links/find", data=hers(town), headers=SAME).text
    [address] = re.findall(r'action="(/nurse/links/[0-9a-f-]+/undo)"', page)
    page = nurse.post(address, data=hers(town) | {"why": "枝番の読みちがい"}, headers=SAME).text
    assert "取り消しました" in page
    assert "よその検査" not in hanako.get("/api/records").text
    assert nurse.post(address, data=hers(town) | {"why": "もう一度"}, headers=SAME).status_code == 404
    assert nurse.post(address, data=his(town) | {"why": "ほかの人"}, headers=SAME).status_code == 404
    with conn.transaction():
        conn.execute("set local role phr_bridge")
        assert mending.mend(conn, datetime.now(UTC))
    assert conn.execute("select count(*) from health.records").fetchone() == (0,)
    assert "番号のつなぎ違いを直すため" in hanako.get("/looks").text


def test_a_card_that_was_replaced_gets_its_last_day_and_the_new_one_is_tied(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    nurse.post("/api/nurse/links", json=card(town))
    [link] = identifiers.matches(conn, [(MEMBER_ID, "06123456:さかた:12:01")])
    over = hers(town) | {"until": "2026-04-01"}
    page = nurse.post(f"/nurse/links/{link.link_id}/end", data=over, headers=SAME).text
    assert "期限を入れました" in page and "より前の記録だけ" in page
    assert nurse.post("/api/nurse/links", json=card(town) | {"insurer": "06999999", "since": "2026-04-01"}).is_success
    before, after = datetime(2026, 3, 31, tzinfo=UTC).date(), datetime(2026, 4, 1, tzinfo=UTC).date()
    pair = (MEMBER_ID, "06123456:さかた:12:01")
    assert identifiers.person_of(conn, *pair, before) == town.hanako.person_id
    assert identifiers.person_of(conn, *pair, after) is None
    assert nurse.post(f"/api/nurse/links/{link.link_id}/end", json=over | {"until": "2026-06-01"}).status_code == 404


def test_a_sign_in_is_tied_by_the_number_that_its_holder_was_shown(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    code = accounts.ask(conn, "https://id.example", "subject-1")
    asked = hers(town) | {"code": code, "evidence": "マイナンバーカード"}
    assert nurse.post("/api/nurse/accounts", json=asked | {"code": "0" * 16}).status_code == 404
    assert "サインインをつなぎました" in nurse.post("/nurse/links/accounts", data=asked, headers=SAME).text
    found = accounts.find(conn, "https://id.example", "subject-1")
    assert found is not None and found.person_id == town.hanako.person_id
    conn.execute("delete from identity.accounts where subject = 'subject-1'")  # also when the account is untied again
    assert nurse.post("/api/nurse/accounts", json=asked).status_code == 404  # a code is good once


def test_a_request_for_correction_is_passed_on_and_answered_at_the_desk(
    nurse: TestClient, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    consent = consents.give(
        conn, town.hanako.person_id, purpose="phr_records", recipient="*", items=["*"], text_version="1",
        given_by="self", valid_from=datetime.now(UTC) - timedelta(days=1),
    )  # fmt: skip
    source, facility = documents.source_of(conn, "0699", "浜風病院")
    records.add(conn, NewRecord(
        person_id=town.hanako.person_id, document_id=None, source_id=source, consent_id=consent, key="k", kind="lab",
        at=datetime.now(UTC), title="血糖", facility=facility, released=True,
    ))  # fmt: skip
    [(record,)] = conn.execute("select record_id from health.records").fetchall()
    hanako.post("/api/correction-requests", json={"record_id": record, "words": "日付がちがいます"})
    conn.execute("update health.consents set withdrawn_at = now() where purpose = 'guidance'")  # she asked all the same
    page = nurse.get("/nurse/corrections").text
    assert all(word in page for word in ("浜風病院", "血糖", "日付がちがいます", "酒田 花子"))
    [address] = set(re.findall(r'action="(/nurse/corrections/\d+)"', page))
    done = nurse.post(address, data={"answer": ""}, headers=SAME)
    assert "伝えたことを記録しました" in nurse.get(done.headers["location"]).text
    assert nurse.post(address, data={"answer": ""}, headers=SAME).status_code == 404  # told before
    assert "医療機関へお伝えしました" in hanako.get("/rights").text
    nurse.post(address, data={"answer": "検査の日を6月1日に直して送り直します"}, headers=SAME)
    assert "いま待っているお願いはありません" in nurse.get("/nurse/corrections").text
    assert "検査の日を6月1日に直して" in hanako.get("/rights").text
    [(told, answered)] = conn.execute("select passed_on_by, answered_by from health.correction_requests").fetchall()
    assert told == answered == f"staff:{town.nurse.staff_id}"
    looks = hanako.get("/looks").text
    assert "訂正のお願い" in looks and "お問い合わせのため" in looks


def test_a_proxy_is_noted_and_ended_on_the_page(
    nurse: TestClient, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    identifiers.add(conn, town.hanako.person_id, MEMBER_ID, "06123456:さかた:12:01")
    identifiers.add(conn, town.taro.person_id, MEMBER_ID, "06123456:さかた:12:02")
    of = {"person": CARD | {"birth_date": "1961-05-03"}, "proxy": CARD | {"branch": "02", "birth_date": "1958-09-09"}}
    cards = {f"{whose}_{name}": said for whose, fields in of.items() for name, said in fields.items()}
    more = {"kind": "caregiver", "relation": "夫", "evidence": "委任状", "scope": ["see", "consents"]}
    until = {"valid_to": str((datetime.now(UTC) + timedelta(days=300)).date())}
    assert nurse.post("/nurse/proxies", data=cards | more | {"valid_to": ""}, headers=SAME).status_code == 422
    done = nurse.post("/nurse/proxies", data=cards | more | until, headers=SAME)
    assert "代理の方を登録しました" in nurse.get(done.headers["location"]).text
    told = "select person_id from audit.looks where actor like 'staff:%' and items = 'entitlements' order by person_id"
    assert conn.execute(told).fetchall() == [(town.hanako.person_id,), (town.taro.person_id,)]
    [mine] = hanako.get("/api/entitlements").json()["for_me"]
    assert (mine["relation"], mine["in_force"]) == ("夫", True) and set(mine["scope"]) == {"see", "consents"}
    done = nurse.post("/nurse/proxies/end", data=cards, headers=SAME)
    assert "代理を終わりにしました" in nurse.get(done.headers["location"]).text
    assert [one["in_force"] for one in hanako.get("/api/entitlements").json()["for_me"]] == [False]
