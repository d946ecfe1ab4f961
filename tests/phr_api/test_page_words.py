"""How the pages speak: moments, kinds of items, checkup rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import MappingProxyType
from uuid import uuid4

import pytest

from advice_engine.facts import Checkup
from phr_api.pages import _checkup, _look_words, _words
from store.clock import JST
from store.people import Person

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=JST)
WOMAN = Person(1, uuid4(), date(1958, 11, 1), "female", "062049")


def a_view(**values: float):
    return _checkup.view(Checkup(date(2026, 7, 25), "", 1, MappingProxyType(values)), WOMAN)


def rows(**values: float):
    return {row.item: row for _, group in a_view(**values).groups for row in group}


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (datetime(2026, 11, 20, 22, 12, tzinfo=UTC), "きょう 7:12"),  # the civil day is the city's, not UTC's
        (datetime(2026, 11, 20, 14, 59, tzinfo=UTC), "きのう 23:59"),
        (datetime(2026, 11, 3, 7, 5, tzinfo=JST), "11月3日 7:05"),
        (datetime(2025, 11, 3, 7, 5, tzinfo=JST), "2025年11月3日"),
    ],
)
def test_moments_are_said_as_people_say_them(at, says):
    assert _words.moment(at, NOW) == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-11-03", "2026年11月3日"),
        ("2026-11-01/2026-11-07", "2026年11月1日〜2026年11月7日"),
        ("2026-11-02T22:00:00+00:00", "2026年11月3日"),
        ("きのう", "きのう"),
    ],
)
def test_the_time_of_a_ground_is_said_in_words(text, says):
    assert _words.when(text) == says


def test_the_audit_s_items_are_said_in_japanese():
    assert _look_words.what("page: advice, readings, checkup") == "助言、測った値、健診の結果"
    assert _look_words.what("readings: weight") == "測った値、体重"
    assert _look_words.what("work list: name, phone, advice") == "連絡が必要な方の一覧、氏名、電話番号、助言"
    assert _look_words.what("checkup_item, lab") == "健診の結果、検査の結果"
    assert _look_words.what("GET /nurse") == "開けない画面"
    assert _look_words.why("phr_records") == "健診や診療の記録を届けるため"


def test_a_word_that_is_not_known_is_never_shown_in_english():
    assert _look_words.what("something new") == "そのほか" == _look_words.why("something_new")


def test_the_closing_sentence_stands_on_a_line_of_its_own():
    closing = "これは診断ではありません。"
    assert _words.paragraphs(f"歩いてみましょう。 {closing}") == ["歩いてみましょう。", closing]
    assert _words.paragraphs("歩いてみましょう。") == ["歩いてみましょう。", closing]


def test_a_time_of_this_year_is_short_in_narrow_places():
    assert _words.short_when("2026-11-01/2026-11-07", NOW.date()) == "11月1日〜11月7日"
    assert _words.short_when("2025-11-01", NOW.date()) == "2025年11月1日"


def test_a_telephone_number_can_be_dialled():
    assert _words.phone("0234-12-3456") == "0234123456"
    assert _words.phone(None) == ""


def test_each_checkup_value_stands_beside_its_lines_with_a_mark_in_words():
    found = rows(office_bp_sys=149, hdl=39, ldl=119, hba1c=6.5, egfr=59.9)
    sys = found["収縮期血圧(上)"]
    assert (sys.value, sys.guidance, sys.referral, sys.mark) == ("149 mmHg", "130以上", "140以上", "受診をすすめる目安")
    assert (found["HDLコレステロール"].referral, found["HDLコレステロール"].mark) == ("", "生活を見直す目安")
    assert found["LDLコレステロール"].mark == "目安の範囲"
    assert (found["HbA1c(NGSP)"].referral, found["HbA1c(NGSP)"].grade) == ("6.5以上", "referral")
    assert (found["eGFR"].guidance, found["eGFR"].grade) == ("60未満", "guidance")


def test_an_item_without_a_line_has_no_mark():
    assert (rows(bmi=26.3)["BMI"].mark, rows(bmi=26.3)["BMI"].value) == ("", "26.3 kg/m²")


def test_a_coded_answer_is_shown_by_its_word():
    protein = rows(urine_protein=3)["尿たんぱく"]
    assert (protein.value, protein.guidance, protein.referral) == ("+", "±以上", "+以上")


def test_our_verdict_and_the_document_s_are_told_apart():
    known = {"waist": 91.5, "office_bp_sys": 149, "tg_fasting": 162, "hdl": 55, "fpg": 92, "bmi": 26.3, "q_smoking": 3}
    known |= {"q_med_bp": 2, "q_med_glucose": 2, "q_med_lipid": 2}
    same = a_view(**known, metabo=1, guidance_level=2)
    assert (same.metabo.ours, same.metabo.agrees, same.level.agrees) == ("基準該当", True, True)
    other = a_view(**known, metabo=3)
    assert (other.metabo.theirs, other.metabo.agrees, other.level.agrees) == ("非該当", False, None)
