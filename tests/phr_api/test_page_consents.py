"""The page 「同意」: one button gives, one button takes back."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient

from phr_api.acting import MEMBER_ID
from store import consent_words, consents, identifiers, staff

SAME = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


def button(page: str, purpose: str) -> str:
    """The one card of this purpose."""
    return page.split(f'<section class="card consent" id="{purpose}"')[1].split("</section>")[0]


@pytest.mark.parametrize("purpose", consent_words.PURPOSES)
def test_each_purpose_is_given_and_taken_back_with_one_button_on_the_same_page(
    hanako: TestClient, purpose: str
) -> None:
    card = button(hanako.get("/consents").text, purpose)
    words = next(one for one in consent_words.current() if one.purpose == purpose)
    assert card.count("<button") == 1 and all(line in card for _, line in words.blocks())
    assert "checked" not in card  # nothing is chosen for anybody
    form = {"version": words.version, "recipient": next(iter(words.recipients)), "items": "*"}
    done = hanako.post(f"/consents/{purpose}/give", data=form, headers=SAME)
    assert (done.status_code, done.headers["location"]) == (303, f"/consents?said=given&about={purpose}#{purpose}")
    card = button(hanako.get(done.headers["location"]).text, purpose)
    (address,) = re.findall(r'action="(/consents/\d+/withdraw)[?"]', card)
    assert "いつでも、この画面で取りやめられます" in card and f"/consents/words/{purpose}/{words.version}" in card
    gone = hanako.post(address, headers=SAME)
    page = hanako.get(gone.headers["location"]).text
    assert "取りやめました。いまから使いません。" in button(page, purpose) and address not in page
    assert "いまは使われていない同意(1件)" in page


def test_a_nurse_enters_a_signed_paper_and_its_withdrawal_on_a_page(
    hanako: TestClient, nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    identifiers.add(conn, town.hanako.person_id, MEMBER_ID, "06123456::12:01")
    assert {nurse.get(f"/nurse/papers?purpose={one}").status_code for one in consent_words.PURPOSES} == {200}
    page = nurse.get("/nurse/papers?purpose=push").text
    assert "お知らせを受け取る" in page and "花子" not in page
    card = {"insurer": "06123456", "symbol": "", "number": "12", "branch": "01", "birth_date": "1961-05-03"}
    form = card | {"purpose": "push", "signed_on": "2026-11-01"}
    paper = form | {"recipient": "city", "items": "*", "text_version": "2", "valid_to": ""}
    scan = {"scan": ("scan.pdf", b"%PDF-1.4\n%%EOF", "application/pdf")}
    done = nurse.post("/nurse/papers/consents", data=paper, files=scan, headers=SAME)
    assert (done.status_code, done.headers["location"]) == (303, "/nurse/papers?purpose=push&kept=given")
    assert "紙の同意書" in button(hanako.get("/consents").text, "push")
    done = nurse.post("/nurse/papers/withdrawals", data=form, files=scan, headers=SAME)
    assert "取りやめを入力しました" in nurse.get(done.headers["location"]).text
    assert "取りやめる" not in button(hanako.get("/consents").text, "push").replace("取りやめる」", "").replace(
        "取りやめるまで", ""
    )
    assert hanako.get("/nurse/papers").status_code == 403


def test_nothing_chosen_is_asked_for_again_and_nothing_is_kept(hanako: TestClient, conn: psycopg.Connection) -> None:
    done = hanako.post("/consents/guidance/give", data={"version": "1", "recipient": "city"}, headers=SAME)
    assert "ひとつ以上えらんで" in button(hanako.get(done.headers["location"]).text, "guidance")
    assert conn.execute("select count(*) from health.consents").fetchone() == (0,)


def test_who_agreed_to_older_words_is_shown_the_newer_ones(
    hanako: TestClient, town: Town, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    consents.give(
        conn, town.hanako.person_id, purpose="push", recipient="city", items=["*"], text_version="1", given_by="self",
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    known = consent_words._all()
    from dataclasses import replace

    newer = replace(known["push", "1"], version="3", body="## 新しい説明\n- 変わりました")
    monkeypatch.setattr(consent_words, "_all", lambda: known | {("push", "3"): newer})
    card = button(hanako.get("/consents").text, "push")
    assert "説明が新しくなりました" in card and "変わりました" in card and 'value="3"' in card
    assert "同意しています" in card and "第1版" in card  # the older one holds for what its own words say
    older = {"purpose": "push", "recipient": "city", "items": ["*"], "text_version": "1"}
    assert hanako.post("/api/consents", json=older).status_code == 409


def test_who_has_left_is_led_to_the_first_card(hanako: TestClient, town: Town, conn: psycopg.Connection) -> None:
    given = consents.give(
        conn, town.hanako.person_id, purpose="phr", recipient="city", items=["*"], text_version="1", given_by="self",
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    consents.withdraw(conn, town.hanako.person_id, given, datetime.now(UTC))
    page = hanako.get("/consents").text
    assert "先に「さかた健康記録を使う」への同意が必要です" in button(page, "guidance")
    assert "<button" in button(page, "phr") and "<button" in button(page, "next_generation_opt_out")
    form = {"version": "1", "recipient": "city", "items": "*"}
    assert hanako.post("/consents/guidance/give", data=form, headers=SAME).status_code == 409


def test_nobody_elses_consents_are_on_the_page_and_each_look_is_written_down(
    hanako: TestClient, taro: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    form = {"version": "2", "recipient": "city", "items": "*"}
    hanako.post("/consents/push/give", data=form, headers=SAME)
    assert "取りやめる" not in taro.get("/consents").text.split("history")[0].replace("取りやめるまで", "").replace(
        "「取りやめる」", ""
    )
    (consent_id,) = conn.execute("select consent_id from health.consents").fetchone() or (0,)
    assert taro.post(f"/consents/{consent_id}/withdraw", headers=SAME).status_code == 404
    looks = conn.execute(
        "select action, items from audit.looks where person_id = %s", [town.hanako.person_id]
    ).fetchall()
    assert looks == [("write", "consents")]


def test_guidance_of_a_facility_is_agreed_to_by_itself(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    assert 'name="recipient" value="city"' in button(hanako.get("/consents").text, "guidance")
    staff.add(conn, name="港 みなと", facility=("0688888888", "港の保健センター"))
    form = {"version": "1", "items": "*", "recipient": "0688888888"}
    assert "港の保健センター</option>" in button(hanako.get("/consents").text, "guidance")
    assert hanako.post("/consents/guidance/give", data=form | {"recipient": "city"}, headers=SAME).status_code == 303
    assert hanako.post("/consents/guidance/give", data=form, headers=SAME).status_code == 303
    card = button(hanako.get("/consents").text, "guidance")
    assert card.count("取りやめる<span") == 2 and "<dd>港の保健センター</dd>" in card
    assert [one.recipient for one in consents.of_person(conn, town.hanako.person_id)[:2]] == ["0688888888", "city"]
