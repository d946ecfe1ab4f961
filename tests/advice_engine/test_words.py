"""Wording: how dates and values are said, and what must not be said."""

from __future__ import annotations

from datetime import date

import pytest

from advice_engine import words
from advice_engine.rule import Source


def test_values_are_said_with_their_unit_and_decimals() -> None:
    assert words.amount("weight", 61.75) == "61.8 kg"
    assert words.amount("steps", 8000) == "8,000歩"
    assert words.amount("hba1c", 7) == "7.0%"
    assert words.pressure(149, 90) == "149/90 mmHg"
    assert words.hours(330) == "5時間30分"
    assert words.hours(359.6) == "6時間"


def test_dates_are_said_in_japanese() -> None:
    assert words.day(date(2026, 11, 3)) == "2026年11月3日"
    assert words.span(date(2026, 11, 1), date(2026, 11, 7)) == "11月1日から11月7日まで"
    assert words.span(date(2026, 11, 1), date(2026, 11, 1)) == "11月1日"
    assert words.span_iso(date(2026, 11, 1), date(2026, 11, 7)) == "2026-11-01/2026-11-07"
    assert [words.months(count) for count in (8, 12, 79)] == ["8か月", "1年", "6年7か月"]


def test_a_guideline_is_named_with_its_year() -> None:
    assert words.by(Source("高血圧管理・治療ガイドライン2025", 2025, "")) == (
        "目安は「高血圧管理・治療ガイドライン2025」(2025年)によります。"
    )


@pytest.mark.parametrize(
    "text",
    [
        "あなたは高血圧症です",
        "糖尿病でした。",
        "心房細動の疑い",
        "3年以内に糖尿病になる確率は27%",
        "これで糖尿病が治ります",
        "生活を変えれば予防できます",
        "薬をやめてください",
        "お薬を減らしましょう",
        "インスリンの量を増やして",
        "適度な飲酒をおすすめします",
        "放置すると危険です",
        "必ず受診してください",
        "You have diabetes.",
        "You may have heart failure",
        "Your risk of a stroke is 12",
        "Stop taking your medicine.",
        "This will cure it.",
        "It is dangerous.",
    ],
)
def test_what_must_not_be_said_is_found(text: str) -> None:
    assert words.forbidden_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "血圧が受診の目安(140/90 mmHg以上)を超えています。医療機関に相談してください。",
        "1日の歩数を今より1,000歩増やしてみませんか。",
        "目標は3か月で体重の3%です。",
        "お薬は今までどおり続けて、主治医に相談してください。",
        words.NO_DIAGNOSIS,
        "If you are under treatment, keep taking your medicine as before and show your doctor the result.",
        words.NO_DIAGNOSIS_EN,
    ],
)
def test_what_may_be_said_is_let_through(text: str) -> None:
    assert words.forbidden_in(text) == ()


def test_an_unconfirmed_line_is_not_said_to_be_the_guidelines_own() -> None:
    assert words.by(Source("目安集", 2024, "1")) == "目安は「目安集」(2024年)によります。"
    assert words.by(Source("目安集", 2024, "1", verified=False)) == "目安は「目安集」(2024年)を参考にしています。"
