"""Of all messages that wait for a person at most one goes out, the right one; whatever waits, wherever it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from advice_engine.picking import MOST_ATTEMPTS, Caps, Person, pick, why_over
from store.message_wishes import Wishes
from store.outbox import Rung, Waiting

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
MORNING = NOW + timedelta(hours=4)
NOBODY = UUID(int=0)
CALM = Waiting(
    delivery_id=1, advice_id=1, person_id=1, public_id=NOBODY, channel="log", status="due", attempts=0, next_at=NOW,
    token=NOBODY, urgent=False, kind="advice", rule_id="steps_fallen", closed=False, agreed=True,
)  # fmt: skip
KINDS = ("advice", "praise", "information", "reflection", "opening", "referral", "red_flag")
STATES = ("planned", "due", "sending", "throttled", "retrying")


@st.composite
def messages(draw: st.DrawFn) -> list[Waiting]:
    rows = []
    for number in range(1, draw(st.integers(1, 7)) + 1):
        kind, status = draw(st.sampled_from(KINDS)), draw(st.sampled_from(STATES))
        rows.append(
            replace(
                CALM, delivery_id=number, kind=kind, status=status,
                urgent=kind == "red_flag" and draw(st.booleans()),
                next_at=NOW + timedelta(minutes=draw(st.sampled_from((-9, 0, 9)))),
                attempts=0 if status in ("planned", "due") else draw(st.integers(1, MOST_ATTEMPTS)),
                closed=draw(st.integers(0, 3)) == 0, agreed=draw(st.integers(0, 5)) > 0,
            )
        )  # fmt: skip
    return rows


people = st.builds(
    Person,
    rung=st.builds(Rung, today=st.integers(0, 2), week=st.integers(0, 4), newest=st.integers(0, 4)),
    wishes=st.builds(
        Wishes, a_week=st.integers(0, 3), silent=st.sampled_from(((), ("walking",), ("praise", "reflection")))
    ),
    quiet_until=st.sampled_from((None, MORNING)),
)


@settings(deadline=None)  # the first run reads every rule
@given(messages(), people)
def test_what_goes_out_may_go_out_and_nothing_is_forgotten(rows: list[Waiting], person: Person) -> None:
    picked = pick(rows, person, Caps(), NOW)
    if (sent := picked.send) is not None:
        assert sent.next_at <= NOW and sent.agreed and not sent.closed and sent.delivery_id >= person.rung.newest
        assert sent.attempts < MOST_ATTEMPTS and sent.delivery_id not in picked.over
        assert sent.urgent or person.quiet_until is None
        assert sent.grave or (person.rung.today < 1 and person.rung.week < person.wishes.a_week)
    in_flight = {one.delivery_id for one in rows if one.status == "sending" and one.next_at > NOW}
    left = {one.delivery_id for one in rows} - set(picked.over) - in_flight
    assert len(left) <= 1 and not in_flight & set(picked.over)
    assert set(picked.later) <= left and not (picked.send and picked.later)


@settings(deadline=None)  # the first run reads every rule
@given(messages(), people)
def test_nothing_holds_back_what_is_grave_but_what_is_graver_or_newer(rows: list[Waiting], person: Person) -> None:
    picked = pick(rows, person, Caps(), NOW)
    graves = [one for one in rows if one.grave and not why_over(one, person, Caps(), NOW)]
    for one in graves:
        if one.delivery_id in picked.over:
            rivals = [other for other in graves if (other.urgent, other.delivery_id) > (one.urgent, one.delivery_id)]
            assert rivals and picked.over[one.delivery_id] == "superseded"


@settings(deadline=None)  # the first run reads every rule
@given(messages(), people, st.randoms())
def test_the_order_in_which_they_are_read_decides_nothing(rows: list[Waiting], person: Person, dice: object) -> None:
    mixed = list(rows)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert pick(mixed, person, Caps(), NOW) == pick(rows, person, Caps(), NOW)


def test_what_is_not_urgent_waits_for_what_is_being_sent_and_what_is_urgent_does_not() -> None:
    sending = replace(CALM, status="sending", attempts=1, next_at=NOW + timedelta(minutes=3))
    awake = Person(rung=Rung(), wishes=Wishes())
    second = replace(CALM, delivery_id=2, kind="referral")
    assert pick([sending, second], awake, Caps(), NOW).send is None
    flag = replace(CALM, delivery_id=2, kind="red_flag", urgent=True)
    assert pick([sending, flag], awake, Caps(), NOW).send == flag


def test_a_lower_cap_of_the_town_holds() -> None:
    person = Person(rung=Rung(week=1), wishes=Wishes(a_week=3))
    assert why_over(CALM, person, Caps(a_week=1), NOW) == "enough_this_week"
    assert why_over(CALM, person, Caps(a_day=0), NOW) == "one_a_day"
    assert why_over(CALM, person, Caps(), NOW) == ""
