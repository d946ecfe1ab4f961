"""The citizen's page over the real application and database, without a browser."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from callers import bearer
from fastapi.testclient import TestClient
from invented_person import CHECKUP, FACILITY, NAME, a_red_flag, invent
from msgspec.structs import replace
from psycopg.types.json import Jsonb

from advice_engine import run
from store import people, sessions, unclaimed

HTML = {"Accept": "text/html"}


@pytest.fixture
def her(db):
    return invent(db, datetime.now(UTC))


@pytest.fixture
def hana(app, her, conn):
    """Her browser, which sends the cookie and says where a form comes from."""
    cookies = {"phr_session": sessions.open(conn, person_id=her.person_id)}
    headers = HTML | {"Sec-Fetch-Site": "same-origin"}
    with TestClient(app, headers=headers, cookies=cookies, follow_redirects=False) as opened:
        yield opened


def test_the_page_shows_everything_that_is_known(hana):
    page = hana.get("/")
    assert page.status_code == 200
    for words in (NAME, FACILITY, "家庭血圧", "歩数", "149 mmHg", "動機付け支援", "基準該当", "湿布薬", "わたしです"):
        assert words in page.text
    assert page.text.count('role="img"') == 3
    assert "これは診断ではありません" in page.text


def test_every_advice_tells_why_and_what_it_rests_on(hana, conn, her):
    page = hana.get("/").text
    rows = conn.execute(
        "select reason, rests_on, source from health.advice where person_id = %s and closed_at is null"
        " and audience <> 'nurse'",
        (her.person_id,),
    ).fetchall()
    assert len(rows) >= 3
    for reason, rests_on, source in rows:
        assert reason in page and source["guideline"] in page
        assert all(ground["value"] in page for ground in rests_on)


def test_a_red_flag_comes_before_everything_else(hana, conn, her):
    folded = '<details class="rest">'  # a referral after the first: its title and its haste stand there
    assert hana.get("/").text.count(folded) == 1
    a_red_flag(conn, her.person_id, datetime.now(UTC))
    page = hana.get("/").text
    flag = page.index("大切なお知らせ")
    assert flag < page.index("<h3>血圧がとても高い日が続いています</h3>") < page.index(folded)
    assert page.count(folded) == 2 == page.count("受診のおすすめ</span><strong>1か月以内に")
    assert all(flag < page.index(words) for words in ("受診のおすすめ", "きょうの助言", "測った値のグラフ"))


def test_a_line_that_is_not_confirmed_says_so(hana, conn, her):
    a_red_flag(conn, her.person_id, datetime.now(UTC))
    assert "この目安は確認中です" in hana.get("/").text


def test_a_newcomer_is_told_what_to_do(hanako):
    page = hanako.get("/", headers=HTML).text
    assert "まだ測った値がありません" in page and "健診の結果はまだ届いていません" in page
    assert "いま同意していることはありません" in page and "{{" not in page


def test_names_and_records_cannot_smuggle_markup_into_the_page(app, conn):
    born = datetime.now(UTC).date() - timedelta(days=20_000)
    person = people.add(conn, birth_date=born, sex="other", name="<script>alert(1)</script>")
    with TestClient(app, headers=HTML | bearer(sessions.open(conn, person_id=person.person_id))) as client:
        page = client.get("/").text
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_the_page_is_written_down_as_a_look(hana, conn, her):
    hana.get("/")
    rows = conn.execute("select items, purpose from audit.looks where person_id = %s", (her.person_id,)).fetchall()
    assert rows == [("page: advice, readings, checkup, records, goals, consents", "own")]


def test_a_nurse_is_sent_to_her_own_page_and_nobody_to_sign_in(nurse, client):
    assert nurse.get("/", headers=HTML).headers["location"] == "/nurse"
    assert client.get("/", headers=HTML).headers["location"] == "/signin"


def test_an_answer_is_kept_without_a_script_and_shown_as_given(hana, conn, her):
    advice_id = a_red_flag(conn, her.person_id, datetime.now(UTC))
    answer = hana.post(f"/advice/{advice_id}/answer", data={"answer": "done"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/?thanks={advice_id}#advice-{advice_id}")
    kept = conn.execute("select answer from health.feedback where advice_id = %s", (advice_id,)).fetchall()
    assert kept == [("done",)]
    page = hana.get(f"/?thanks={advice_id}").text
    assert f'value="done" id="answer-{advice_id}-done" aria-pressed="true"' in page
    assert "お返事をありがとうございます" in page


def test_nobody_answers_for_somebody_else_or_from_another_site(hana, hanako, conn, her):
    advice_id = a_red_flag(conn, her.person_id, datetime.now(UTC))
    address, form = f"/advice/{advice_id}/answer", {"answer": "done"}
    assert hanako.post(address, data=form).status_code == 404
    assert hana.post(address, data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert hana.post(address, data={"answer": "anything"}).status_code == 422
    assert conn.execute("select count(*) from health.feedback").fetchone() == (0,)


def test_a_weight_of_the_shared_scale_is_claimed_once(hana, conn, her):
    (open_one,) = unclaimed.of_person(conn, her.person_id)
    form = {"household_id": open_one.household_id, "source_id": open_one.source_id, "at": open_one.at.isoformat()}
    for _ in range(2):
        assert hana.post("/unclaimed/claim", data=form).headers["location"] == "/#waiting"
    assert unclaimed.of_person(conn, her.person_id) == []
    mine = conn.execute(
        "select value from health.readings where person_id = %s and source_id = %s", (her.person_id, open_one.source_id)
    ).fetchall()
    assert mine == [(60.9,)]
    assert "わたしです<span" not in hana.get("/").text


def test_a_pressure_of_the_shared_cuff_is_asked_about_as_one_measurement(hana, conn, her):
    (scale,) = unclaimed.of_person(conn, her.person_id)
    at = scale.at + timedelta(minutes=5)
    taken = {"bp_sys": 196.0, "bp_dia": 118.0, "pulse": 88.0}
    unclaimed.add(conn, [replace(scale, metric=word, value=value, at=at) for word, value in taken.items()])
    page = hana.get("/").text
    assert "持ち主の分からない測定が2件" in page
    assert page.count("わたしです<span") == 2 and "196/118 mmHg" in page and "88 回/分" in page
    form = {"household_id": scale.household_id, "source_id": scale.source_id, "at": at.isoformat()}
    hana.post("/unclaimed/claim", data=form)
    assert [row.metric for row in unclaimed.of_person(conn, her.person_id)] == ["weight"]


def test_a_stranger_to_the_household_gets_nothing(hanako, conn, her):
    (open_one,) = unclaimed.of_person(conn, her.person_id)
    form = {"household_id": open_one.household_id, "source_id": open_one.source_id, "at": open_one.at.isoformat()}
    hanako.post("/unclaimed/claim", data=form)
    assert unclaimed.of_person(conn, her.person_id) == [open_one]


def test_taking_a_consent_back_hides_its_records_at_once_and_advice_on_them_when_judged(hana, hanako, conn, db):
    (consent_id,) = conn.execute("select consent_id from health.consents where purpose = 'phr_records'").fetchone()
    assert hanako.post(f"/consents/{consent_id}/withdraw").status_code == 404
    back = hana.post(f"/consents/{consent_id}/withdraw").headers["location"]
    assert back == "/consents?said=withdrawn&about=phr_records#phr_records"
    page = hana.get("/").text
    assert "湿布薬" not in page and "健診や診療の記録をこの画面で見る" not in page
    assert run.work_once(db, datetime.now(UTC))  # the withdrawal woke the engine
    assert "149 mmHg" not in hana.get("/").text


def test_the_page_says_what_is_agreed_to_and_leads_to_the_rest(hana):
    page = hana.get("/").text
    assert "<li>保健師の支援を受ける</li>" in page and 'href="/consents"' in page
    assert 'id="push-on">' in page  # she agreed to be told


def test_the_facility_s_whole_report_can_be_opened(hana):
    page = hana.get("/").text
    assert "報告書のすべての項目" in page and page.count('<details class="numbers all">') == 1


def test_the_version_changes_with_what_the_page_shows_and_only_then(hana, client, conn, her):
    def version() -> str:
        return hana.get("/me/version").json()["version"]

    first = version()
    assert version() == first and f'data-version="{first}"' in hana.get("/").text
    a_red_flag(conn, her.person_id, datetime.now(UTC))
    second = version()
    conn.execute("update health.last_values set value = value + 1 where person_id = %s", (her.person_id,))
    third = version()
    assert len({first, second, third}) == 3
    withheld = "insert into health.records (person_id, source_id, consent_id, key, kind, at, title, released)"
    conn.execute(
        f"{withheld} select person_id, source_id, consent_id, 'k', kind, at, '', false from health.records limit 1"
    )
    assert version() == third  # what the doctor withholds is not even known to be there
    assert client.get("/me/version").status_code == 401


def test_asking_for_the_version_is_no_look(hana, conn):
    hana.get("/me/version")
    assert conn.execute("select count(*) from audit.looks").fetchone() == (0,)


def test_the_looks_page_tells_people_who_looked(hana, nurse, her):
    nurse.get(f"/nurse/people/{her.public_id}")
    page = hana.get("/looks").text
    assert "酒田市の保健師" in page and "保健指導のため" in page and "助言、測った値、健診の結果" in page


def test_the_invented_checkup_is_what_the_page_tells(hana):
    page = hana.get("/").text
    assert "140以上" in page and "受診をすすめる目安" in page  # 149 mmHg
    assert "健診の報告書の判定と同じです" in page
    assert CHECKUP["office_bp_sys"] == 149.0


def test_who_reads_english_has_the_advice_in_english_and_the_japanese_beside_it(hana, conn, her):
    conn.execute(
        "update health.advice set english = %s where person_id = %s and closed_at is null",
        (Jsonb({"title": "Your <i>walks</i>", "body": "Ten minutes more.\nThis is not a diagnosis."}), her.person_id),
    )
    page = hana.get("/", headers={"Accept-Language": "en-GB,en;q=0.9,ja;q=0.5"}).text
    assert '<div lang="en"><h3>Your &lt;i&gt;walks&lt;/i&gt;</h3>' in page
    card = page[page.index('id="advice-') :].partition("</article>")[0]
    card = re.sub(r'<details lang="ja">.*?</details>|<[a-z]+ lang="ja">.*?</[a-z]+>', "", card, flags=re.DOTALL)
    assert "<summary>Why?</summary>" in card and "Not yet</button>" in card and 'value="not_yet"' in card
    assert re.findall(r"[\u3041-\u30ff\u4e00-\u9fff]+", card) == []
    assert "これは診断ではありません" in page and '<p class="at">This is not a diagnosis.</p>' in page
    for japanese in ("ja,en-US;q=0.9,en;q=0.8", "", "*", "de", "en;q=x"):
        assert "Ten minutes more" not in hana.get("/", headers={"Accept-Language": japanese}).text
