"""The 保健師's pages over the real application and database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from invented_person import a_red_flag, invent, two_to_call

from store import advice, people

NOW = datetime.now(UTC)


@pytest.fixture
def called(conn):
    return two_to_call(conn, NOW)


def looks(conn) -> list[tuple[object, ...]]:
    return conn.execute(
        "select actor, person_id, action, purpose, allowed from audit.looks order by look_id"
    ).fetchall()


def test_the_list_names_who_needs_a_call_and_why_newest_reason_first(nurse, called):
    page = nurse.get("/nurse").text
    for words in (
        "磯部 勇",
        "67歳",
        "男性",
        "酒田市",
        "184/108 mmHg",
        "home_pressure_very_high",
        'href="tel:0234000001"',
    ):
        assert words in page
    assert page.index("磯部 勇") < page.index("砂山 トシ")
    assert "電話番号の登録がありません" in page


def test_the_list_can_be_narrowed_to_the_pressing_ones(nurse, called):
    page = nurse.get("/nurse?urgency=4").text
    assert "磯部 勇" in page and "砂山 トシ" not in page
    assert "この急ぎ具合の方はいません" in nurse.get("/nurse?urgency=2").text
    assert nurse.get("/nurse?urgency=9").status_code == 422


def test_who_must_be_called_today_stands_above_the_list(nurse, called, conn):
    page = nurse.get("/nurse").text
    above = page[page.index("まず、きょうのうちにご連絡を") : page.index('<article class="card call"')]
    assert f"/nurse/people/{called[0].public_id}" in above and "tel:0234000001" in above
    assert f"/nurse/people/{called[1].public_id}" not in above
    assert "まず、きょうのうちに" not in nurse.get("/nurse?urgency=4").text


def test_many_reasons_of_one_person_are_folded_but_not_left_out(nurse, called, conn):
    for n in range(3):
        a_red_flag(conn, called[0].person_id, NOW, rule_id=f"another_{n}")
    page = nurse.get("/nurse").text
    assert "ほかの理由(2件)" in page and all(f"another_{n}" in page for n in range(3))


def test_the_person_s_own_answer_is_told(nurse, db, conn):
    her = invent(db, NOW)
    advice.feedback(conn, her.person_id, a_red_flag(conn, her.person_id, NOW), "done")
    assert "ご本人のお返事: 受診しました" in nurse.get(f"/nurse/people/{her.public_id}").text


def test_a_refusal_is_a_page_in_japanese_with_a_way_back(nurse):
    for address, status in (("/looks", 403), (f"/nurse/people/{uuid4()}", 404), ("/nurse?urgency=9", 422)):
        answer = nurse.get(address, headers={"Accept": "text/html"})
        main = answer.text.partition("<main")[2].partition("</main>")[0]
        assert answer.status_code == status and "はじめの画面へ" in main
        assert not [word for word in ("Not found", "This door", "Correct", "errors") if word in main]


def test_an_empty_list_says_so(nurse):
    assert "いま連絡が必要な方はいません" in nurse.get("/nurse").text


def test_every_person_on_the_shown_list_is_a_look(nurse, called, conn, town):
    nurse.get("/nurse?urgency=4")
    assert looks(conn) == [(f"staff:{town.nurse.staff_id}", called[0].person_id, "read", "worklist", True)]


def test_one_person_s_page_shows_reasons_charts_and_checkup(nurse, db, conn):
    her = invent(db, NOW)
    a_red_flag(conn, her.person_id, NOW)
    page = nurse.get(f"/nurse/people/{her.public_id}").text
    for words in ("浜田 ハナ", "184/108 mmHg", "高血圧管理・治療ガイドライン2025", "149 mmHg", "表で見る"):
        assert words in page
    assert page.count('role="img"') == 3
    assert f"/nurse/people/{her.public_id}/charts/weight.json" in page
    assert [row[1:4] for row in looks(conn)] == [(her.person_id, "read", "guidance")]


def test_people_of_other_towns_are_not_there_and_the_attempt_is_written_down(nurse, conn):
    other = people.add(conn, birth_date=date(1960, 1, 1), sex="male", name="他町 太郎", town="062031")
    a_red_flag(conn, other.person_id, NOW - timedelta(days=1))
    assert "他町 太郎" not in nurse.get("/nurse").text
    for address in (f"/nurse/people/{other.public_id}", f"/nurse/people/{other.public_id}/charts/weight.json"):
        assert nurse.get(address).status_code == 404
    assert [row[1:3] + row[4:] for row in looks(conn)] == [(other.person_id, "deny", False)] * 2
    assert nurse.get(f"/nurse/people/{uuid4()}").status_code == 404


def test_a_citizen_never_gets_in(hanako, town):
    for address in ("/nurse", f"/nurse/people/{town.taro.public_id}"):
        assert hanako.get(address).status_code == 403
