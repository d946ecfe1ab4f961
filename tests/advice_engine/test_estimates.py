"""What is estimated of a person from their own figures: weight, a next value, steps."""

from __future__ import annotations

import itertools
from datetime import date
from math import sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advice_engine import estimate_trials, learning
from advice_engine.learned import next_value, step_forecast, step_goal, weight_trend
from advice_engine.learned.next_value import Earlier, Usual
from phr_api.commands import learn_estimates

ESTIMATORS = ("next_value", "step_forecast", "step_goal", "weight_trend")
LINE = [Usual("office_bp_sys", "female", 45, 120), Usual("office_bp_sys", "female", 65, 130)]


def test_the_four_estimators_are_parts_whose_parameters_are_json() -> None:
    known = {part.id: part for part in learning.every() if part.kind == "estimator"}
    assert tuple(sorted(known)) == ESTIMATORS
    for part in known.values():
        data = LINE if part.id == "next_value" else None
        assert learning.digest(part.fit(data)) == learning.digest(part.fit(data))


def test_a_first_reading_is_believed_and_its_sway_is_what_is_not_known() -> None:
    (trend,) = weight_trend.follow([(0, 62.0)])
    assert trend.level == pytest.approx(62.0)
    assert sqrt(trend.level_var) == pytest.approx(weight_trend.READING_SD, rel=1e-3)
    assert trend.slope == 0


def test_a_forecast_leans_less_the_farther_it_goes_and_never_runs_off_in_a_straight_line() -> None:
    losing = weight_trend.follow([(day, 70 - 0.05 * day) for day in range(120)])[-1]
    assert losing.slope < -0.01
    steps = [weight_trend.forecast(losing, days).kg for days in range(0, 400, 50)]
    falls = [before - after for before, after in itertools.pairwise(steps)]
    assert all(later < earlier * 0.7 for earlier, later in itertools.pairwise(falls))
    straight = 70 - 0.05 * (119 + 400)
    assert weight_trend.forecast(losing, 400).kg > straight + 10


def test_a_gap_widens_what_may_be() -> None:
    steady = weight_trend.follow([(day, 60.0) for day in range(30)])[-1]
    widths = [
        high - low for low, high in (weight_trend.forecast(steady, days).interval(0.8) for days in (0, 7, 28, 200))
    ]
    assert widths == sorted(widths) and widths[-1] > 2 * widths[1]
    low, high = weight_trend.forecast(steady, 7).interval(0.95)
    assert high - low == pytest.approx(2 * 1.95996 * weight_trend.forecast(steady, 7).sd, rel=1e-4)


def test_an_interval_of_a_reading_is_wider_than_that_of_the_level() -> None:
    told = weight_trend.forecast(weight_trend.follow([(0, 60.0), (1, 60.4)])[-1], 7)
    level, one, seven = (told.interval(0.8, readings=n) for n in (None, 1, 7))
    assert one[0] < seven[0] < level[0] < told.kg < level[1] < seven[1] < one[1]


def test_one_strange_reading_moves_the_level_by_a_part_of_it() -> None:
    trend = weight_trend.follow([*((day, 60.0) for day in range(30)), (30, 64.0)])[-1]
    assert 60.5 < trend.level < 63


def test_a_trend_does_not_run_backwards() -> None:
    (trend,) = weight_trend.of_days([(date(2026, 11, 1), 60.0)])
    assert trend.day == date(2026, 11, 1).toordinal()
    with pytest.raises(ValueError, match="backwards"):
        weight_trend.ahead(trend, -1)


@given(st.lists(st.tuples(st.integers(1, 90), st.floats(30, 200)), min_size=1, max_size=30))
def test_the_level_stays_within_what_was_read_or_near_and_uncertainty_stays_positive(
    gaps: list[tuple[int, float]],
) -> None:
    day, figures = 0, []
    for gap, kg in gaps:
        day += gap
        figures.append((day, kg))
    for trend in weight_trend.follow(figures):
        assert trend.level_var > 0 and trend.slope_var > 0
        assert trend.both**2 <= trend.level_var * trend.slope_var * (1 + 1e-9)
        assert -200 < trend.level < 430


def test_a_value_without_own_ones_is_the_usual_and_each_own_one_pulls_it_nearer() -> None:
    line = next_value.fit(LINE)
    asked = {"sex": "female", "age": 60.0}
    usual = next_value.score(line, "office_bp_sys", [], **asked)
    assert usual == pytest.approx(127.5)
    own = [Earlier(59.0, 147.0), Earlier(58.5, 146.75), Earlier(58.0, 146.5)]  # each 20 above what is usual
    found = [next_value.score(line, "office_bp_sys", own[:count], **asked) for count in (1, 2, 3)]
    assert found == [pytest.approx(127.5 + 20 * count / (count + 2)) for count in (1, 2, 3)]


def test_what_is_older_than_three_years_or_still_to_come_is_left_out() -> None:
    line = next_value.fit(LINE)
    own = [Earlier(56.9, 200.0), Earlier(60.1, 200.0)]
    assert next_value.score(line, "office_bp_sys", own, sex="female", age=60.0) == pytest.approx(127.5)


@pytest.mark.parametrize(("metric", "sex"), [("office_bp_sys", "other"), ("hba1c", "female"), ("hdl", "female")])
def test_where_no_line_is_known_nothing_is_estimated(metric: str, sex: str) -> None:
    line = next_value.fit([*LINE, Usual("hba1c", "female", 45, 5.5), Usual("hba1c", "female", 65, 5.8)])
    assert next_value.score(line, metric, [], sex=sex, age=60.0) is None


def test_a_line_of_a_single_age_is_refused() -> None:
    with pytest.raises(ValueError, match="two ages"):
        next_value.fit(LINE[:1])


def test_the_goal_is_the_own_sixtieth_percentile_in_whole_hundreds() -> None:
    days = [1000.0 * (place + 1) for place in range(10)]  # its 60th percentile: 6,400
    assert step_goal.score(step_goal.fit(None), days) == 6400
    assert step_goal.score(step_goal.fit(None), [*days, 0.0, 99.0]) == 6400  # not worn
    assert step_goal.score(step_goal.fit(None), [step + 77 for step in days]) == 6400


def test_six_worn_days_are_too_few_for_a_goal_or_a_forecast() -> None:
    for part in (step_goal, step_forecast):
        assert part.score(part.fit(None), [5000.0] * 6) is None
        assert part.score(part.fit(None), [5000.0] * 7) == 5000


def test_the_forecast_of_steps_is_the_mean_of_worn_days() -> None:
    assert step_forecast.score(step_forecast.fit(None), [4000.0, 6000.0] * 4 + [50.0]) == 5000


def test_people_drawn_with_the_constants_are_covered_as_promised() -> None:
    assert 0.92 <= estimate_trials.weight_simulated(800, seed=1) <= 0.98


def test_a_forecast_is_tried_without_what_came_later() -> None:
    figures = [(day, 60.0 + day % 2) for day in range(40)]
    other = [(day, kg if day < 35 else 90.0) for day, kg in figures]
    early = [weight_trend.follow(one)[20] for one in (figures, other)]
    assert early[0] == early[1]
    assert estimate_trials.weight(figures, 7).error < 1 < estimate_trials.weight(other, 7).error


@pytest.mark.interop
def test_the_bars_of_the_estimators_are_met_on_the_public_logs(shared: Path) -> None:
    data = shared / "data"
    if not data.is_dir():
        pytest.skip("the public data are not there")
    weight = [*learn_estimates.weight(learn_estimates.weights(data), seed=0, forecasts=200)]
    found = [
        *weight,
        *learn_estimates.pressure(seed=0, people=3000),
        *learn_estimates.walking(learn_estimates.steps(data)),
    ]
    assert [gate.name for gate in found if not gate.passed] == []
    assert len([gate for gate in found if gate.bar != "-"]) == 9
