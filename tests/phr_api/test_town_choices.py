"""What the invented town's people have set themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg

from phr_api import town, town_choices
from phr_api.town_resident import SAKATA
from store import cohorts, entitlements, goals, letters, message_wishes, people
from store.clock import civil_day
from store.message_wishes import NONE

NOW = datetime.now(UTC)
TODAY = civil_day(NOW)


def lived_in(conn: psycopg.Connection, count: int) -> dict[str, int]:
    """So many people of the town with their choices: name to person_id."""
    residents = town.residents(TODAY, count)
    made = {
        one.number: people.add(conn, birth_date=one.birth_date, sex=one.sex, name=one.name).person_id
        for one in residents
    }
    town_choices.make(conn, made, TODAY)
    return {one.name: made[one.number] for one in residents}


def test_personas_have_goals_wishes_letters_and_somebody_who_looks_for_them(conn: psycopg.Connection) -> None:
    there = lived_in(conn, 8)
    assert [one.kind for one in goals.running(conn, there["砂越 健一"])] == ["pressure"]
    assert goals.tapped(conn, there["日和 あおい"], TODAY - timedelta(days=365))["breakfast"]
    assert letters.asked(conn, there["山居 キヨ"]) == "phone"
    assert message_wishes.of_person(conn, there["鳥海 歩"]).silent == ("weighing", "praise")
    [ward] = entitlements.of_proxy(conn, there["日和 あおい"], NOW)
    assert ward.person_id == there["山居 キヨ"]
    [moved] = cohorts.recent(conn, SAKATA, TODAY)
    assert moved.people > 15 and moved.shift < 0


def test_a_town_of_two_has_what_concerns_these_two(conn: psycopg.Connection) -> None:
    there = lived_in(conn, 2)
    assert entitlements.of_proxy(conn, there["日和 あおい"], NOW) == []
    assert message_wishes.of_person(conn, there["砂越 健一"]) == NONE
