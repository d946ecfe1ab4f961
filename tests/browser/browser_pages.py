"""Every page that a person can meet and how to come to it, in a household in which everything has happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import time

import psycopg
import pyotp
from invented_person import a_red_flag, two_to_call
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from store import (
    addresses,
    cohorts,
    correction_requests,
    deletion,
    deliveries,
    entitlements,
    exports,
    goals,
    letters,
    message_wishes,
    openings,
    records,
    second_factors,
    sessions,
)
from store import staff as duty
from store.clock import civil_day
from store.cohorts import CohortAlert, Week
from store.goals import NewGoal
from store.message_wishes import Wishes
from store.people import Person

Act = Callable[[Chrome], None]


@dataclass(frozen=True)
class Page:
    """``act``: what leads on from the address. ``strict``: at the door where staff need a second factor."""

    name: str
    who: str
    path: str
    act: Act | None = None
    strict: bool = False


def furnish(conn: psycopg.Connection, her: Person) -> dict[str, str]:
    """Let everything happen that a page has words for; gives a session's token by who it is."""
    now = datetime.now(UTC)
    man, _ = two_to_call(conn, now)
    a_red_flag(conn, her.person_id, now, rule_id="of_every_page")
    chief, new, known = (duty.add(conn, name=name, role="supervisor") for name in ("見本 主任", "見本 新", "見本 済"))
    for person, proxy in ((her, man), (man, her)):
        named = {
            "kind": "caregiver",
            "scope": ["see", "enter", "consents"],
            "relation": "長男",
            "evidence": "委任状",
            "noted_by": f"staff:{chief.staff_id}",
        }
        entitlements.add(
            conn, person_id=person.person_id, proxy_id=proxy.person_id, valid_from=now, valid_to=None, **named
        )
    given = {"staff_id": chief.staff_id, "town": "062049", "ground": "safety", "lasts": timedelta(hours=1)}
    openings.add(conn, person_id=her.person_id, reason="大雨のあと、電話に出られないため", **given)
    _rights(conn, her, man)
    _set(conn, her, now)
    second_factors.confirm(
        conn, known.staff_id, pyotp.TOTP(second_factors.begin(conn, known.staff_id)).now(), datetime.now(UTC)
    )
    return {
        "citizen": sessions.open(conn, person_id=her.person_id, label="Chrome(Android)"),
        "other": sessions.open(conn, person_id=man.person_id, label="Firefox(Windows)"),
        "proxy": sessions.open(conn, person_id=man.person_id, label="Safari(iPhone)"),
        "chief": sessions.open(conn, staff_id=chief.staff_id, second_factor=True),
        "new": sessions.open(conn, staff_id=new.staff_id),
        "known": sessions.open(conn, staff_id=known.staff_id),
    }


def _rights(conn: psycopg.Connection, her: Person, man: Person) -> None:
    """Hers: a copy that failed, one that is ready, one in the making; a correction that she asked for. His: the end."""
    for state in ("failed", "ready", "working"):
        export = exports.ask(conn, her.person_id).export_id
        conn.execute(
            "update identity.exports set state = %s, why = %s, done = 3, total = 8, ready_at = now(),"
            " expires_at = now() + interval '7 days' where export_id = %s",
            (state, "fault" if state == "failed" else "", export),
        )
    row = records.timeline(conn, her.person_id, limit=1)[0]
    correction_requests.ask(conn, her.person_id, row.record_id, "右と左が逆です。")
    deletion.ask(conn, man.person_id, by="self", wait=timedelta(days=14))


def _set(conn: psycopg.Connection, her: Person, now: datetime) -> None:
    """What she set herself, a letter that waits for her, and a district that moved."""
    today, person = civil_day(now), her.person_id
    monday = today - timedelta(days=today.weekday() + 14)
    for kind, target in (("breakfast", 5.0), ("weigh_in", 5.0)):
        new = {"kind": kind, "target": target, "start": None, "advice_id": None}
        goals.add(conn, person, NewGoal(**new, since=monday, until=today + timedelta(days=40)))
    goals.tap(conn, person, "breakfast", monday + timedelta(days=8))
    wishes = Wishes(a_week=1, silent=("praise",), quiet_from=20, quiet_until=9, paused_until=today + timedelta(days=9))
    message_wishes.keep(conn, person, wishes, by="self")
    addresses.add(conn, person, "sms", "+819000000000", confirmed=True)
    addresses.add(conn, person, "email", "hana.hamada.with.a.long.name@example.jp")
    letters.ask(conn, person, "post")
    said = conn.execute(
        "select advice_id from health.advice where person_id = %s and kind <> 'praise'"
        " and advice_id not in (select advice_id from health.deliveries) limit 1",
        (person,),
    ).fetchone()
    assert said is not None
    deliveries.add(conn, [(said[0], person, "letter")], now)
    for state in ("status = 'sending', attempts = 1", "status = 'sent', sent_at = now()"):
        conn.execute(f"update health.deliveries set {state} where channel = 'letter'")
    weeks = tuple(Week(monday - timedelta(weeks=6 - number), 31, 9.0 if number > 5 else 0.4) for number in range(8))
    week = weeks[-1].week
    cohorts.keep(conn, "062049", week, [CohortAlert("bp_sys", "港", "75-", week, 31, 9.0, -1.2, weeks)])


def press(selector: str) -> Act:
    """Press this; whatever it needs is filled in already or needs nothing."""
    return lambda browser: browser.execute_script(
        "arguments[0].click()", browser.find_element(By.CSS_SELECTOR, selector)
    )


def wrong_numbers(browser: Chrome) -> None:
    """Type an upper pressure that is below the lower one."""
    browser.execute_script("document.querySelector('#entry details').open = true")
    if not browser.find_element(By.NAME, "at").get_attribute("value"):
        browser.execute_script("document.querySelector('[name=at]').value = '2026-01-02T07:10'")
    for name, typed in (("bp_sys", "79"), ("bp_dia", "128")):
        browser.find_element(By.NAME, name).send_keys(typed)
    press("#entry form button")(browser)


def nobody(browser: Chrome) -> None:
    """Ask to open the data of somebody who is not there."""
    browser.execute_script("document.querySelector('[name=birth_date]').value = '1950-01-02'")
    browser.find_element(By.NAME, "name").send_keys("見本 ちがい")
    browser.find_element(By.NAME, "reason").send_keys("大雨のあと、電話に出られないため")
    press("[value=safety]")(browser)
    press("main form.fields button")(browser)


def inviting(browser: Chrome) -> None:
    """Somebody may see; the code is shown."""
    browser.find_element(By.NAME, "relation").send_keys("長女")
    press("[value=see]")(browser)
    press("#invite")(browser)


def wrong_code(browser: Chrome) -> None:
    browser.find_element(By.NAME, "code").send_keys("000000")
    press("main form button")(browser)


def too_many_steps(browser: Chrome) -> None:
    """Ask for more than goes well at once."""
    browser.execute_script(
        "const form = document.querySelector('#set-steps').form; form.elements.target.value = 15000; form.submit()"
    )


def wrong_digits(browser: Chrome) -> None:
    """Prove an address with a code that was never sent."""
    browser.find_element(By.NAME, "code").send_keys("000000")
    press("form[action$='/confirm'] button")(browser)


def right_code(browser: Chrome) -> None:
    """Set the second factor up with what the page says for who can't take a picture."""
    secret = "".join(one.get_attribute("textContent") for one in browser.find_elements(By.CSS_SELECTOR, ".code span"))
    browser.find_element(By.NAME, "code").send_keys(pyotp.TOTP(secret).at(time()))
    press("main form button")(browser)


def pages(her: Person, today: date | None = None) -> tuple[Page, ...]:
    """All of them. Those that change what another one shows come after it."""
    day = (today or civil_day(datetime.now(UTC))) - timedelta(days=1)
    person = f"/nurse/people/{her.public_id}"
    return (
        Page("signin", "nobody", "/signin"),
        Page("signin_again", "nobody", "/signin/again"),
        Page("signin_not_set_up", "nobody", "/signin", strict=True),
        Page("demo_citizens", "nobody", "/signin/citizen"),
        Page("demo_staff", "nobody", "/signin/staff"),
        Page("signin_unknown", "nobody", "/test/unknown"),
        Page("signin_unknown_staff", "nobody", "/test/unknown?staff=1"),
        Page("not_found", "nobody", "/nowhere"),
        Page("paper", "nobody", "/paper"),
        Page("nurse", "chief", "/nurse"),
        Page("nurse_person", "chief", person),
        Page("nurse_entry_again", "chief", person, wrong_numbers),
        Page("nurse_emergency", "chief", "/nurse/emergency"),
        Page("nurse_emergency_nobody", "chief", "/nurse/emergency", nobody),
        Page("nurse_openings", "chief", "/nurse/openings"),
        Page("nurse_papers", "chief", "/nurse/papers"),
        Page("nurse_sessions", "chief", "/sessions"),
        Page("nurse_desk", "chief", "/nurse/desk"),
        Page("nurse_links", "chief", "/nurse/links"),
        Page("nurse_proxies", "chief", "/nurse/proxies"),
        Page("nurse_corrections", "chief", "/nurse/corrections"),
        Page("nurse_letters", "chief", "/nurse/letters"),
        Page("nurse_letters_done", "chief", "/nurse/letters", press("main form button")),
        Page("home", "citizen", "/"),
        Page("home_other", "other", "/"),
        Page("entry_again", "citizen", "/", wrong_numbers),
        Page("goals", "citizen", "/goals"),
        Page("goals_refused", "citizen", "/goals", too_many_steps),
        Page("goals_rest", "citizen", "/goals", press("#end-weigh_in")),
        Page("goals_other", "other", "/goals"),
        Page("reflection", "citizen", "/reflection"),
        Page("reflection_thanks", "citizen", "/reflection", press("#reflection-change")),
        Page("reflection_other", "other", "/reflection"),
        Page("messages", "citizen", "/messages"),
        Page("messages_kept", "citizen", "/messages", press("#keep")),
        Page("messages_other", "other", "/messages"),
        Page("addresses", "citizen", "/addresses"),
        Page("addresses_wrong", "citizen", "/addresses", wrong_digits),
        Page("addresses_other", "other", "/addresses"),
        Page("steps", "citizen", f"/steps/{day.isoformat()}"),
        Page("devices", "citizen", "/devices"),
        Page("devices_code", "citizen", "/devices", press("#add button")),
        Page("looks", "citizen", "/looks"),
        Page("consents", "citizen", "/consents"),
        Page("proxies", "citizen", "/proxies"),
        Page("proxies_invite", "citizen", "/proxies/invite"),
        Page("proxies_code", "citizen", "/proxies/invite", inviting),
        Page("consents_other", "other", "/consents"),
        Page("consent_words", "citizen", "/consents/words/guidance/1"),
        Page("rights", "citizen", "/rights"),
        Page("rights_deletion", "other", "/rights"),
        Page("sessions", "citizen", "/sessions"),
        Page("sessions_code", "other", "/sessions", press("form[action='/sessions/app-code'] button")),
        Page("forbidden", "citizen", "/nurse"),
        Page("acting_home", "proxy", "/proxies", press("[id^=act-]")),
        Page("acting_consents", "proxy", "/consents"),
        Page("acting_goals", "proxy", "/goals"),
        Page("acting_reflection", "proxy", "/reflection"),
        Page("acting_messages", "proxy", "/messages"),
        Page("acting_now", "proxy", "/looks"),
        Page("factor_new", "new", "/second-factor", strict=True),
        Page("factor_new_wrong", "new", "/second-factor", wrong_code, strict=True),
        Page("factor_codes", "new", "/second-factor", right_code, strict=True),
        Page("factor", "known", "/second-factor", strict=True),
        Page("factor_wrong", "known", "/second-factor", wrong_code, strict=True),
    )
