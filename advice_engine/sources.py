"""The guidelines that rules rest on: name, year, and the section each rule names."""

from __future__ import annotations

from datetime import date

from advice_engine.rule import Source

FOURTH_TERM = date(2024, 4, 1)


def checkup(section: str, *, verified: bool = True) -> Source:
    return Source("標準的な健診・保健指導プログラム(令和6年度版)", 2024, section, verified)


def checkup_of(on: date, section: str, *, verified: bool = True) -> Source:
    """The programme in force on the day of the examination (terms of six years, from April)."""
    if on >= FOURTH_TERM:
        return checkup(section, verified=verified)
    return Source("標準的な健診・保健指導プログラム(平成30年度版)", 2018, section, verified)


def pressure(section: str, *, verified: bool = True) -> Source:
    return Source("高血圧管理・治療ガイドライン2025", 2025, section, verified)


def activity(section: str, *, verified: bool = True) -> Source:
    return Source("健康づくりのための身体活動・運動ガイド2023", 2024, section, verified)


def diet(section: str, *, verified: bool = True) -> Source:
    return Source("日本人の食事摂取基準(2025年版)", 2025, section, verified)


def drinking(section: str, *, verified: bool = True) -> Source:
    return Source("健康に配慮した飲酒に関するガイドライン", 2024, section, verified)


def sleep(section: str, *, verified: bool = True) -> Source:
    return Source("健康づくりのための睡眠ガイド2023", 2024, section, verified)


def obesity(section: str, *, verified: bool = True) -> Source:
    return Source("肥満症診療ガイドライン2022", 2022, section, verified)


def glucose(section: str, *, verified: bool = True) -> Source:
    return Source("糖尿病治療ガイド", 2024, section, verified)


def glucose_older(section: str) -> Source:
    return Source("高齢者糖尿病の血糖コントロール目標", 2016, section, verified=False)


def kidney(section: str, *, verified: bool = True) -> Source:
    return Source("CKD診療ガイドライン2023", 2023, section, verified)


def arteries(section: str, *, verified: bool = True) -> Source:
    return Source("動脈硬化性疾患予防ガイドライン2022年版", 2022, section, verified)


def frailty(section: str, *, verified: bool = True) -> Source:
    return Source("改訂日本版CHS基準(J-CHS基準)", 2020, section, verified)


def heart(section: str, *, verified: bool = True) -> Source:
    return Source("日本循環器学会の診療ガイドライン", 2021, section, verified)


def liver(section: str, *, verified: bool = True) -> Source:
    return Source("奈良宣言2023", 2023, section, verified)


def food_education(section: str, *, verified: bool = True) -> Source:
    return Source("第4次食育推進基本計画", 2021, section, verified)


def health_japan(section: str, *, verified: bool = True) -> Source:
    return Source("健康日本21(第三次)", 2024, section, verified)


def heat(section: str) -> Source:
    return Source("環境省 暑さ指数(WBGT)の指針", 2022, section, verified=False)


def bathing(section: str) -> Source:
    return Source("消費者庁 冬季の入浴の注意", 2020, section, verified=False)


def older_questionnaire(section: str, *, verified: bool = True) -> Source:
    return Source("後期高齢者の質問票", 2020, section, verified)
