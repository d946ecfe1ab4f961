"""The pages in a real Chromium, under the real Content-Security-Policy."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from browser_judge import BARE, CONTRAST, SMALL_TARGETS, UNNAMED
from invented_person import a_red_flag, two_to_call
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from window import widen

from ingest import days
from store import readings
from store.model import Reading

pytestmark = pytest.mark.browser


def find(browser: Chrome, selector: str):
    return browser.find_element(By.CSS_SELECTOR, selector)


def wait(browser: Chrome, until, seconds: int = 30):
    patient = (NoSuchElementException, StaleElementReferenceException)  # the next page has come, or has not yet
    return WebDriverWait(browser, seconds, 0.05, patient).until(until)


def complaints(browser: Chrome) -> list[str]:
    """What the console holds against the page: errors, warnings, refusals of the Content-Security-Policy."""
    return [row["message"] for row in browser.get_log("browser") if row["level"] in ("SEVERE", "WARNING")]


def requested(browser: Chrome) -> set[str]:
    """The address of every request that the page made since the log was last read."""
    events = (json.loads(row["message"])["message"] for row in browser.get_log("performance"))
    sent = (event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent")
    return {url for url in sent if not url.startswith(("data:", "blob:"))}


def measured(conn: psycopg.Connection, person_id: int, kilograms: float) -> None:
    """A weighing arrives, as the ingest worker writes it."""
    now = datetime.now(UTC)
    with conn.transaction():
        source = conn.execute("select min(source_id) from health.sources where kind = 'device'").fetchone()[0]
        changed = readings.add(conn, [Reading(person_id, "weight", now, source, kilograms, 0, 0, now)])
        days.recompute(conn, changed)


def test_the_page_opens_with_visible_charts_and_a_silent_console(citizen, house):
    citizen.get(house.address)
    assert "浜田 ハナさん" in find(citizen, "h1").text
    pictures = citizen.find_elements(By.CSS_SELECTOR, ".chart svg[role=img]")
    assert len(pictures) == 3
    assert all(picture.size["width"] > 250 and picture.size["height"] > 120 for picture in pictures)
    assert "きょう" in find(citizen, ".chart svg").text
    assert complaints(citizen) == []


def test_a_chart_answers_to_the_pointer_without_loosening_the_policy(citizen, house):
    citizen.get(house.address)
    for chart in citizen.find_elements(By.CSS_SELECTOR, "[data-chart]"):
        citizen.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", chart)
        ActionChains(citizen).move_to_element(chart.find_element(By.CSS_SELECTOR, ".picture")).perform()
        wait(citizen, lambda _, chart=chart: "answers" in chart.get_attribute("class"))
        says = "tbody tr:nth-child(3) th"
        day = chart.find_element(By.CSS_SELECTOR, says).get_attribute("textContent")
        strips = chart.find_elements(By.CSS_SELECTOR, ".picture svg .strips_marks path")
        assert strips, "the chart has a strip for each day"
        ActionChains(citizen).move_to_element(strips[2]).perform()
        wait(citizen, lambda browser, day=day: day in find(browser, "#vg-tooltip-element.visible").text)
    assert complaints(citizen) == []


def test_the_chart_that_answers_looks_like_the_server_s_and_keeps_its_name(citizen, house):
    citizen.get(house.address)
    chart = find(citizen, "[data-chart]")
    before = find(citizen, ".chart svg")
    size, words = before.size, set(before.text.split())
    citizen.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", chart)
    ActionChains(citizen).move_to_element(find(citizen, ".picture")).perform()
    wait(citizen, lambda _: "answers" in chart.get_attribute("class"))
    after = find(citizen, ".chart svg")
    assert set(after.text.split()) == words
    assert abs(after.size["width"] - size["width"]) < 2 and abs(after.size["height"] - size["height"]) < 4
    assert after.get_attribute("aria-labelledby") == "chart-weight-says"


def test_no_request_leaves_our_own_address(citizen, house):
    citizen.get(house.address)
    ActionChains(citizen).scroll_to_element(find(citizen, ".picture")).move_to_element(
        find(citizen, ".picture")
    ).perform()
    wait(citizen, lambda _: citizen.find_elements(By.CSS_SELECTOR, ".answers"))
    urls = requested(citizen)
    assert any("/me/charts/" in url for url in urls) and any("/static/charts-" in url for url in urls)
    assert {url for url in urls if not url.startswith(house.address)} == set()


def test_a_new_reading_shows_by_itself_and_leaves_the_reader_in_peace(citizen, house, rows):
    citizen.get(house.address)
    table = find(citizen, "#charts .numbers")
    citizen.execute_script("arguments[0].open = true", table)
    button = find(citizen, ".answers button")
    citizen.execute_script("arguments[0].focus()", button)
    focused = button.get_attribute("id")
    before = find(citizen, "#charts").text  # shows the mean of the day, whatever was measured earlier today
    measured(rows, house.person.person_id, 58.3)
    wait(citizen, lambda browser: "58.3" in find(browser, "#last").text and find(browser, "#charts").text != before)
    assert find(citizen, "#charts .numbers").get_attribute("open") is not None
    assert citizen.switch_to.active_element.get_attribute("id") == focused
    assert "新しい記録" in find(citizen, "#news").get_attribute("textContent")
    assert complaints(citizen) == []


def test_a_red_flag_that_arises_shows_by_itself_above_everything(citizen, house, rows):
    citizen.get(house.address)
    a_red_flag(rows, house.person.person_id, datetime.now(UTC))
    wait(citizen, lambda browser: "184/108" in find(browser, "#urgent").text)
    card = find(citizen, "#urgent .card")
    assert "大切なお知らせ" in card.text and "お急ぎください" in card.text
    assert card.find_element(By.CSS_SELECTOR, ".tag svg").size["width"] > 20
    assert card.location["y"] < find(citizen, "#charts").location["y"]


def test_an_answer_is_one_click_and_the_page_comes_back_to_the_card(citizen, house):
    citizen.get(house.address)
    find(citizen, "#today .answers button[value=helpful]").click()
    wait(citizen, lambda browser: "thanks=" in browser.current_url)
    assert find(citizen, "button[aria-pressed=true]").text.endswith("役に立った")
    assert "ありがとう" in find(citizen, "[role=status]:not(#news)").text
    assert complaints(citizen) == []


def test_signing_in_as_a_persona_and_out_again(browser, house):
    browser.get(house.address)
    assert browser.current_url.endswith("/signin")
    assert "本物のサインインではありません" in find(browser, "main").text
    find(browser, ".people a").click()
    wait(browser, lambda _: "/demo-idp/citizen/" in browser.current_url)
    assert "本物のサインインではありません" in find(browser, "main").text
    find(browser, ".people button").click()
    wait(browser, lambda _: "浜田 ハナさん" in find(browser, "h1").text)
    find(browser, "form[action='/signout'] button").click()
    wait(browser, lambda _: browser.current_url.endswith("/signin"))
    assert complaints(browser) == []


def test_the_nurse_opens_a_person_from_the_list_and_touches_a_chart(nurse, house, rows):
    two_to_call(rows, datetime.now(UTC) + timedelta(seconds=1))
    nurse.get(f"{house.address}/nurse")
    names = [item.text for item in nurse.find_elements(By.CSS_SELECTOR, ".call h2 a")]
    assert [names[0], names[-1]] == ["磯部 勇", "砂山 トシ"]
    nurse.find_element(By.LINK_TEXT, "浜田 ハナ").click()
    wait(nurse, lambda browser: browser.find_elements(By.CSS_SELECTOR, ".chart"))
    picture = find(nurse, ".picture")
    ActionChains(nurse).scroll_to_element(picture).move_to_element(picture).perform()
    wait(nurse, lambda browser: browser.find_elements(By.CSS_SELECTOR, ".answers"))
    assert complaints(nurse) == []


PAGES = ("/", "/looks", "/signin")


def test_only_the_first_pressing_notice_is_unfolded_on_a_phone(citizen, house, rows):
    for n in range(2):
        a_red_flag(rows, house.person.person_id, datetime.now(UTC), rule_id=f"folded_{n}")
    widen(citizen, 390)
    citizen.get(house.address)
    whys = citizen.find_elements(By.CSS_SELECTOR, ".why")
    assert len(whys) > 2
    assert [why.get_attribute("open") is not None for why in whys] == [True] + [False] * (len(whys) - 1)
    assert f"({len(citizen.find_elements(By.CSS_SELECTOR, '#urgent .card'))}件)" in find(citizen, "#urgent h2").text


def test_who_looked_can_be_read_on_a_phone(citizen, house):
    widen(citizen, 360)
    citizen.get(house.address)
    citizen.get(f"{house.address}/looks")
    find(citizen, "details summary").click()
    narrow = [cell.size["width"] for cell in citizen.find_elements(By.CSS_SELECTOR, ".looks td")]
    assert narrow and min(narrow) > 200


def test_nothing_scrolls_sideways_on_a_phone_or_at_twice_the_size(browser, house, citizen):
    for width in (320, 360, 390, 640):  # 640: a screen of 1,280 px at 200 %
        widen(browser, width)
        for page in PAGES:
            browser.get(house.address + page)
            wide = browser.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width, f"{page} is {wide} px wide on {width} px"


def test_the_nurse_s_pages_fit_a_phone_and_can_be_read(nurse, house):
    widen(nurse, 360)
    for page in ("/nurse", f"/nurse/people/{house.person.public_id}"):
        nurse.get(house.address + page)
        assert nurse.execute_script("return document.documentElement.scrollWidth") <= 360
        assert nurse.execute_script(CONTRAST) == []
        assert nurse.execute_script(UNNAMED) == []


def test_every_text_has_the_contrast_that_aging_eyes_need(citizen, house, rows):
    a_red_flag(rows, house.person.person_id, datetime.now(UTC), rule_id="of_another_test")
    for page in PAGES:
        citizen.get(house.address + page)
        assert citizen.execute_script(CONTRAST) == []


def test_every_control_and_picture_has_a_name_and_no_id_is_used_twice(citizen, house):
    for page in PAGES:
        citizen.get(house.address + page)
        assert citizen.execute_script(UNNAMED) == []
        assert find(citizen, "html").get_attribute("lang") == "ja"
        assert len(citizen.find_elements(By.TAG_NAME, "h1")) == 1


def test_letters_are_large_and_targets_can_be_hit(citizen, house):
    widen(citizen, 390)
    citizen.get(house.address)
    assert citizen.execute_script("return getComputedStyle(document.body).fontSize") == "18px"
    assert citizen.execute_script(SMALL_TARGETS) == []


def test_the_keyboard_reaches_the_content_first_and_sees_where_it_is(citizen, house):
    citizen.get(house.address)
    ActionChains(citizen).send_keys(Keys.TAB).perform()
    skip = citizen.switch_to.active_element
    assert skip.text == "本文へ進む" and skip.value_of_css_property("outline-style") == "solid"
    ActionChains(citizen).send_keys(Keys.ENTER).perform()
    assert citizen.switch_to.active_element.get_attribute("id") == "main"


def test_the_paper_copy_leaves_out_what_paper_cannot_do(citizen, house):
    citizen.get(house.address)
    citizen.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not find(citizen, ".answers").is_displayed()
    assert find(citizen, ".chart svg").is_displayed() and find(citizen, ".checkup").is_displayed()


def test_without_a_script_the_page_says_the_same(citizen, house):
    citizen.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    citizen.get(house.address)
    assert len(citizen.find_elements(By.CSS_SELECTOR, ".chart svg[role=img]")) == 3
    assert all(item.get_attribute("open") for item in citizen.find_elements(By.CSS_SELECTOR, ".why"))
    assert BARE not in find(citizen, "main").text
