"""What the 保健師 reads of districts: a sentence, a picture, what to look at, and nobody's name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from callers import Town, bearer
from fastapi import FastAPI
from fastapi.testclient import TestClient

from phr_api import cohort_words
from phr_api.chart_svg import svg
from store import cohorts, sessions, staff
from store.clock import civil_day
from store.cohorts import CohortAlert, Week

TODAY = civil_day(datetime.now(UTC))
WEEK = TODAY - timedelta(days=TODAY.weekday() + 7)
WEEKS = tuple(Week(WEEK - timedelta(days=7 * back), 31 + back, 8.2 if back < 2 else 0.3) for back in range(8, -1, -1))
ALERT = CohortAlert("bp_sys", "港", "75-", WEEK, 31, 8.2, -1.3, WEEKS)


def keep(conn: psycopg.Connection, *found: CohortAlert, week: date = WEEK, town: str = "062049") -> None:
    cohorts.keep(conn, town, week, found)


def test_the_page_says_what_moved_by_how_much_and_what_to_look_at(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    assert "地区のようす" not in nurse.get("/nurse").text
    keep(conn, ALERT)
    page = nurse.get("/nurse").text
    assert "「港」の75歳以上: 上の血圧(家庭)が高い週が続いています" in page
    assert "平均+8 mmHgでした(31人)" in page and "市全体の動き(−1 mmHg)は引いてあります" in page
    assert "血圧計や測り方が変わっていないか" in page
    section = page[page.index('id="cohorts"') :].partition("</section>")[0]
    assert "酒田 花子" not in section and section.count("<svg") == 1 and section.count("<tr>") == 10
    assert "地区のようす" not in nurse.get("/nurse?urgency=4").text


def test_the_api_gives_the_same_rounded_and_writes_the_look_down(nurse: TestClient, conn: psycopg.Connection) -> None:
    keep(conn, ALERT)
    (found,) = nurse.get("/api/nurse/cohort-alerts").json()
    assert (found["metric"], found["unit"], found["district"], found["people"]) == ("bp_sys", "mm[Hg]", "港", 31)
    assert (found["shift"], found["town_move"], len(found["weeks"])) == (8.2, -1.3, 9)
    row = conn.execute("select person_id, role from audit.looks where items = 'cohort alerts'").fetchone()
    assert row == (None, "nurse")


def test_what_was_news_a_month_ago_is_none_any_more(nurse: TestClient, conn: psycopg.Connection) -> None:
    old = WEEK - timedelta(days=28)
    keep(conn, CohortAlert("bp_sys", "港", "75-", old, 31, 8.2, 0, WEEKS), week=old)
    assert nurse.get("/api/nurse/cohort-alerts").json() == []


def test_another_towns_alerts_and_those_of_a_facilitys_nurse_are_not_there(
    app: FastAPI, nurse: TestClient, conn: psycopg.Connection
) -> None:
    keep(conn, ALERT, town="064611")
    assert nurse.get("/api/nurse/cohort-alerts").json() == []
    keep(conn, ALERT)
    hired = staff.add(conn, name="保健 みなと", facility=("0688888888", "港の保健センター"))
    with TestClient(app, headers=bearer(sessions.open(conn, staff_id=hired.staff_id))) as clinic:
        assert clinic.get("/api/nurse/cohort-alerts").status_code == 403
        assert "地区のようす" not in clinic.get("/nurse").text


def test_a_citizen_reads_none(hanako: TestClient, conn: psycopg.Connection) -> None:
    keep(conn, ALERT)
    assert hanako.get("/api/nurse/cohort-alerts").status_code == 403


@pytest.mark.parametrize("metric", ["bp_sys", "steps", "weight", "sleep"])
@pytest.mark.parametrize("shift", [-412.0, -0.04, 3.7])
def test_every_metric_has_its_words_and_its_picture(metric: str, shift: float) -> None:
    alert = CohortAlert(metric, "平田", "18-39", WEEK, 15, shift, 0.0, (Week(WEEK, 15, shift),))
    (told,) = cohort_words.told([alert], TODAY)
    assert "18〜39歳" in told.chart.title and told.look_at.startswith("まず、")
    assert "市全体の動き(ほぼなし)" in told.chart.says
    assert "<svg" in svg(told.chart) and told.chart.rows[0][2] == "15人"
    words = told.chart.title + told.chart.says + told.look_at
    assert not [bad for bad in ("病気", "診断", "発症", "確率", "危険") if bad in words]


def test_amounts_are_said_in_the_metrics_own_digits() -> None:
    assert cohort_words.amount("weight", -0.42) == "−0.4 kg"
    assert cohort_words.amount("steps", 1234.4) == "+1,234 歩"
    assert cohort_words.amount("bp_sys", 0.4) == "ほぼなし"
