"""The page of a day's steps in a real Chromium, on a telephone's width."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from browser_judge import CONTRAST, SMALL_TARGETS, UNNAMED
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from window import widen

from ingest import days
from store import readings
from store.clock import civil_day, day_start
from store.model import Reading

pytestmark = pytest.mark.browser


def wait(browser: Chrome, until):
    """As long as the page is on its way, what is looked for may be missing or stale."""
    patient = (NoSuchElementException, StaleElementReferenceException)
    return WebDriverWait(browser, 30, 0.05, patient).until(until)


DAY = civil_day(datetime.now(UTC)) - timedelta(days=2)


def walked(rows: psycopg.Connection, person_id: int) -> list[int]:
    """A band and a phone, both worn at eight; their sources."""
    labels = ("うでの歩数計", "スマートフォン")
    made = "insert into health.sources (kind, label) values ('device', %s) returning source_id"
    band, phone = (rows.execute(made, (label,)).fetchone()[0] for label in labels)
    counts = ((band, 7, 900), (band, 8, 400), (phone, 8, 350), (phone, 15, 2200))
    batch = [
        Reading(person_id, "steps", day_start(DAY) + timedelta(hours=hour), source, steps, 3600, 0, datetime.now(UTC))
        for source, hour, steps in counts
    ]
    with rows.transaction():
        days.recompute(rows, readings.add(rows, batch))
    return [band, phone]


def test_a_days_steps_are_readable_on_a_phone_and_one_tap_puts_a_device_first(citizen: Chrome, house, rows) -> None:
    band, phone = walked(rows, house.person.person_id)
    widen(citizen, 390)
    citizen.get(f"{house.address}/steps/{DAY}")
    assert citizen.execute_script("return document.documentElement.scrollWidth") <= 390
    for script in (CONTRAST, UNNAMED, SMALL_TARGETS):
        assert citizen.execute_script(script) == []
    table = citizen.find_element(By.CSS_SELECTOR, "table").text
    assert "07:00〜08:00 うでの歩数計 900歩" in table and "15:00〜16:00 スマートフォン 2,200歩" in table
    citizen.find_element(By.ID, f"first-{band}").click()
    wait(citizen, lambda page: "いまは「うでの歩数計」が先です" in page.find_element(By.ID, "order").text)
    assert "07:00〜09:00 うでの歩数計 1,300歩" in citizen.find_element(By.CSS_SELECTOR, "table").text
    citizen.find_element(By.ID, "first-0").click()
    wait(citizen, lambda page: not page.find_elements(By.ID, "first-0") and page.find_element(By.ID, f"first-{phone}"))
    rows.execute("delete from health.readings where source_id = any(%s)", ([band, phone],))
    with rows.transaction():
        days.recompute(rows, [(house.person.person_id, DAY)])
