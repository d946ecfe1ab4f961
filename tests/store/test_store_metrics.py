from datetime import UTC, date, datetime

import pytest

from store.clock import age_on, civil_day, day_start, fiscal_year_end
from store.metrics import METRICS, Metric, checkup_items

# LOINC for these could not be confirmed; every other metric must have one.
WITHOUT_LOINC = {"impedance", "vfa"}


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.id)
def test_every_metric_has_its_words_unit_code_and_range(metric: Metric) -> None:
    assert metric.ja and metric.ucum and metric.unit_ja
    assert 0 <= metric.low < metric.high
    assert (metric.loinc is None) == (metric.id in WITHOUT_LOINC)


def test_every_numeric_checkup_item_with_a_word_is_a_metric() -> None:
    unknown = {item.metric for item in checkup_items().values() if item.kind == "PQ" and item.metric} - METRICS.keys()
    assert not unknown


def test_fasting_and_casual_values_are_never_one_metric() -> None:
    items = checkup_items()
    assert items["3F015000002327101"].metric == "tg_fasting"
    assert items["3F015129902327101"].metric == "tg_casual"
    assert items["3D010000001926101"].metric == "fpg"
    assert items["3D010129901926101"].metric == "glucose_casual"


def test_coded_answers_carry_their_words() -> None:
    items = checkup_items()
    assert items["9N781000000000011"].answers["1"].startswith("はい")  # 1 means: skips breakfast
    assert items["1A010000000191111"].answers == {"1": "-", "2": "±", "3": "+", "4": "++", "5": "+++"}


def test_the_known_wrong_mappings_of_public_code_are_not_here() -> None:
    items = checkup_items()
    assert items["9N001000000000001"].metric == "height"
    assert items["9N006000000000001"].metric == "checkup_weight"
    assert items["3C020000002327101"].metric == "uric_acid"


def test_the_civil_day_begins_at_japanese_midnight() -> None:
    assert civil_day(datetime(2026, 11, 20, 14, 59, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert civil_day(datetime(2026, 11, 20, 15, 0, tzinfo=UTC)) == date(2026, 11, 21)
    assert day_start(date(2026, 11, 21)) == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def test_checkup_ages_count_at_the_end_of_the_fiscal_year() -> None:
    assert fiscal_year_end(date(2024, 4, 5)) == date(2025, 3, 31)
    assert fiscal_year_end(date(2025, 3, 31)) == date(2025, 3, 31)
    assert age_on(date(1950, 5, 4), date(2025, 3, 31)) == 74
    assert age_on(date(1950, 5, 4), date(2025, 5, 4)) == 75
