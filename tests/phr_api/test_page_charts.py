"""The charts as pure values, and as pictures drawn by the real converter."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from advice_engine.steps_guide import guide_at
from phr_api.chart import short_day, spoken_day, with_touch
from phr_api.chart_pressure import pressure
from phr_api.chart_steps import steps
from phr_api.chart_svg import svg
from phr_api.chart_weight import levels, target_weight, weight

TODAY = date(2026, 11, 21)
BORN = date(1951, 4, 2)
SVG = "{http://www.w3.org/2000/svg}"


def back(days: int) -> date:
    return TODAY - timedelta(days)


def a_weight(figures, **given):
    return weight(figures, **({"height_cm": 158.0, "birth_date": BORN, "today": TODAY} | given))


def texts(picture: str) -> list[str]:
    return [item.text or "" for item in ElementTree.fromstring(picture).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("age", "bmi"), [(49, (18.5, 24.9)), (50, (20.0, 24.9)), (65, (21.5, 24.9)), (90, (21.5, 24.9))]
)
def test_the_target_weight_follows_the_target_bmi_of_the_age(age, bmi):
    assert target_weight(160.0, age) == pytest.approx((bmi[0] * 2.56, bmi[1] * 2.56))


def test_there_is_no_target_weight_without_a_height_or_for_a_child():
    assert target_weight(None, 70) is None
    assert target_weight(150.0, 17) is None


def test_the_band_of_the_trend_narrows_with_readings_and_the_days_before_the_picture_count():
    figures = [(back(n), 62.0) for n in range(100, -1, -1)]
    early, *_, late = levels(figures, back(100))
    assert late.kg == pytest.approx(62.0) and late.high - late.low < (early.high - early.low) * 0.7
    assert levels(figures, back(89))[0].high - 62 < 0.7
    chart = a_weight(figures)
    area = next(part for part in chart.spec["layer"] if part["mark"]["type"] == "area")
    assert len(area["data"]["values"]) == len(chart.rows) == 90
    assert chart.rows[0] == ("11月21日(土)", "62.0kg", "62.0kg", f"{late.low:.1f}〜{late.high:.1f}kg")


def test_nothing_measured_gives_no_chart():
    assert a_weight([]) is None
    assert a_weight([(back(400), 60.0)]) is None
    assert steps([], birth_date=BORN, today=TODAY) is None
    assert pressure([(TODAY, 130.0)], [], today=TODAY) is None


def test_the_weight_chart_says_what_changed_in_words():
    falling = [(back(n), 62.0 + n / 30) for n in range(60, -1, -1)]
    assert (
        a_weight(falling).says
        == "きょうの体重は62.0kgです。日々のゆれをならすと62.0kgで、58日前と比べて1.9kg減りました。"
    )
    level = [(back(n), 62.0) for n in range(60, -1, -1)]
    assert "ほぼ同じです" in a_weight(level).says
    assert a_weight([(back(1), 62.0)]).says == "きのうの体重は62.0kgです。"


def test_the_scale_of_the_weight_chart_holds_every_point():
    for figures in ([(TODAY, 61.75)], [(back(1), 40.2), (TODAY, 118.9)]):
        dots = next(part for part in a_weight(figures).spec["layer"] if part["mark"]["type"] == "point")
        ends = dots["encoding"]["y"]["scale"]["domain"]
        assert all(ends[0] < value < ends[1] for _, value in figures)


def test_a_target_far_from_the_weight_is_told_in_words_and_not_drawn():
    far = a_weight([(TODAY, 92.0)])
    assert any("グラフの外" in words for _, words in far.legend)
    near = a_weight([(TODAY, 64.0)])
    assert not any("グラフの外" in words for _, words in near.legend)
    assert "目標" in texts(svg(near)) and "目標" not in texts(svg(far))


def test_the_line_breaks_where_nothing_was_measured_for_long():
    figures = [(back(n), 60.0) for n in (60, 59, 58, 57, 20, 19, 18, 17)]
    line = next(part for part in a_weight(figures).spec["layer"] if part["mark"]["type"] == "line")
    assert [row["piece"] for row in line["data"]["values"]] == [0, 0, 0, 0, 1, 1, 1, 1]


def test_the_step_guide_is_lower_from_65_years():
    assert (guide_at(64), guide_at(65)) == (8000, 6000)


def test_the_steps_chart_counts_the_days_that_reached_the_guide_without_today():
    chart = steps([(back(2), 6000.0), (back(1), 5999.0), (TODAY, 900.0)], birth_date=BORN, today=TODAY)
    assert chart.says == (
        "きょうはここまで900歩です。きのうまでの7日間の平均は1日6,000歩、目安の6,000歩に届いた日は2日のうち1日です。"
    )
    assert chart.rows[-1] == ("11月19日(木)", "6,000歩", "届いた")


def test_a_pressure_at_the_home_line_counts_as_over_it():
    chart = pressure([(back(1), 135.0), (TODAY, 134.0)], [(back(1), 80.0), (TODAY, 84.0)], today=TODAY)
    assert [row[3] for row in chart.rows] == ["目安より低い", "目安以上"]
    assert (
        chart.says
        == "きょうの平均は、上134・下84です。この7日間(2日分)の平均は上134・下82で、目安の135/85より低い値です。"
    )


def test_a_day_with_only_one_half_of_the_pressure_is_not_drawn():
    chart = pressure([(back(1), 150.0), (TODAY, 134.0)], [(TODAY, 84.0)], today=TODAY)
    assert [row[0] for row in chart.rows] == ["11月21日(土)"]


@pytest.fixture
def every_chart():
    days = [back(n) for n in range(100, -1, -1)]
    return [
        a_weight([(day, 60.0 + day.day / 20) for day in days]),
        steps([(day, 300.0 * day.day) for day in days], birth_date=BORN, today=TODAY),
        pressure([(day, 120.0 + day.day) for day in days], [(day, 70.0 + day.day) for day in days], today=TODAY),
    ]


def test_every_picture_is_one_named_image_that_scales(every_chart):
    for chart in every_chart:
        drawn = ElementTree.fromstring(svg(chart))
        assert drawn.get("role") == "img" and drawn.get("aria-labelledby") == f"chart-{chart.name}-says"
        assert drawn.get("viewBox") and drawn.get("width") is None


def test_every_picture_speaks_japanese_in_letters_large_enough_for_a_phone(every_chart):
    for chart in every_chart:
        drawn = ElementTree.fromstring(svg(chart))
        width = float(drawn.get("viewBox").split()[2])
        letters = list(drawn.iter(f"{SVG}text"))
        assert "きょう" in [item.text for item in letters]
        assert all("Noto Sans JP" in item.get("font-family") for item in letters)
        on_a_phone = 300 / width  # the room for a picture on a screen of 360 px
        assert all(float(item.get("font-size").removesuffix("px")) * on_a_phone >= 11 for item in letters)


def test_guide_numbers_stand_on_the_scale(every_chart):
    _, steps_drawn, pressure_drawn = (texts(svg(chart)) for chart in every_chart)
    assert "6,000" in steps_drawn and {"135", "85"} <= set(pressure_drawn)


def test_the_table_holds_every_day_of_the_picture(every_chart):
    for chart in every_chart:
        assert [short_day(day) for day in chart.days] == [row[0] for row in chart.rows]
        assert all(newer > older for newer, older in pairwise(chart.days))
        assert all(len(row) == len(chart.columns) for row in chart.rows)


def test_the_touchable_picture_is_the_same_picture_with_the_rows_of_the_table(every_chart):
    for chart in every_chart:
        touch = with_touch(chart)
        assert touch["layer"][:-1] == chart.spec["layer"]
        assert len(touch["layer"][-1]["data"]["values"]) == len(chart.rows)
        assert json.loads(json.dumps(touch)) == touch


def test_days_are_spoken_of_as_people_do():
    assert (spoken_day(TODAY, TODAY), spoken_day(back(1), TODAY)) == ("きょう", "きのう")
    assert spoken_day(back(2), TODAY) == "11月19日(木)"
