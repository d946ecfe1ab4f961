"""Any order of giving, taking back and running out: the database, the rows in Python and a plain model agree."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import consents, entitlements, people
from store.consent_words import words

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
FACILITIES = ("0611111111", "0622222222", "*")
ITEMS = ("lab", "condition", "*")
PURPOSES = ("phr", "phr_records", "guidance", "push", "next_generation_opt_out")


@dataclass(frozen=True)
class Row:
    """One consent of the model: what it names, and the hours in which it counts."""

    purpose: str
    recipient: str
    items: frozenset[str]
    begins: int
    ends: int | None


@dataclass
class Model:
    """What a person agreed to, as simply as it can be said. Time is in hours."""

    rows: dict[int, Row] = field(default_factory=dict)

    def runs(self, row: Row, hour: int) -> bool:
        return row.begins <= hour and (row.ends is None or hour < row.ends)

    def withdraw(self, number: int, hour: int) -> None:
        named = self.rows[number]
        stands = {number} | (
            {other for other, row in self.rows.items() if _stands_on(row)} if named.purpose == "phr" else set()
        )
        for one in stands:
            row = self.rows[one]
            if row.ends is None or hour < row.ends:
                self.rows[one] = replace(row, ends=hour)

    def allows(self, purpose: str, recipient: str, item: str, hour: int) -> bool:
        return any(
            row.purpose == purpose
            and row.recipient in (recipient, "*")
            and bool({item, "*"} & row.items)
            and self.runs(row, hour)
            for row in self.rows.values()
        )

    def left(self, hour: int) -> bool:
        agreed = [row for row in self.rows.values() if row.purpose == "phr" and row.begins <= hour]
        return bool(agreed) and not any(self.runs(row, hour) for row in agreed)


def _stands_on(row: Row) -> bool:
    return row.purpose != "next_generation_opt_out"


HOURS = st.integers(0, 40)
GIVE = st.tuples(
    st.just("give"),
    st.sampled_from(PURPOSES),
    st.sampled_from(FACILITIES),
    st.frozensets(st.sampled_from(ITEMS), min_size=1),
    st.one_of(st.none(), st.integers(1, 20)),
    st.sampled_from(("self", "proxy:1", "paper:1")),
)
WITHDRAW = st.tuples(st.just("withdraw"), st.integers(0, 5), st.sampled_from(("self", "proxy:1", "paper:1")))
STEPS = st.lists(st.one_of(GIVE, WITHDRAW), max_size=12)


@given(steps=STEPS, asked=st.lists(HOURS, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_in_force_is_what_a_plain_model_says(conn: psycopg.Connection, steps: list, asked: list[int]) -> None:
    with conn.transaction(force_rollback=True):
        person = people.add(conn, birth_date=date(1960, 1, 1), sex="male", name="見本").person_id
        model = Model()
        for hour, step in enumerate(steps):
            _take(conn, person, model, hour * 2, step)
        rows = consents.of_person(conn, person)
        for hour in asked:
            at = START + hour * HOUR
            assert conn.execute("select health.has_left(%s, %s)", (person, at)).fetchone() == (model.left(hour),)
            for purpose in PURPOSES:
                for recipient, item in ((FACILITIES[0], "lab"), (FACILITIES[1], "condition"), ("city", "notice")):
                    wanted = model.allows(purpose, recipient, item, hour)
                    named = {"purpose": purpose, "recipient": recipient, "item": item, "at": at}
                    found = consents.in_force(conn, person, **named)
                    assert (found is not None) == wanted
                    bases = consents.bases(conn, [person, person + 1], **named)
                    assert bases == ({person: found} if wanted else {})  # many people at once are told the same
                    own = (one for one in rows if one.purpose == purpose)
                    assert any(one.allows(recipient, item, at) for one in own) == wanted


def _take(conn: psycopg.Connection, person: int, model: Model, hour: int, step: tuple) -> None:
    if step[0] == "withdraw":
        number = sorted(model.rows)[step[1]] if step[1] < len(model.rows) else None
        if number is not None:
            done = consents.withdraw(conn, person, number, START + hour * HOUR, by=step[2])
            assert done or model.rows[number].ends is not None
            if done:
                model.withdraw(number, hour)
        return
    _, purpose, facility, items, length, by = step
    shown = words(purpose, "1")
    recipient = facility if purpose == "phr_records" else "city"
    named = items if purpose == "phr_records" else frozenset({"*"})
    length = length if shown.period else None
    ends = None if length is None else hour + length
    try:
        number = consents.give(
            conn, person, purpose=purpose, recipient=recipient, items=sorted(named), text_version="1", given_by=by,
            valid_from=START + hour * HOUR, valid_to=None if ends is None else START + ends * HOUR,
        )  # fmt: skip
    except consents.Left:
        assert _stands_on(Row(purpose, recipient, named, hour, ends))
        assert model.left(10**6)  # who has left, seen from now, which is later than all hours here
        return
    model.rows[number] = Row(purpose, recipient, named, hour, ends)


@given(
    valid=st.tuples(HOURS, st.one_of(st.none(), st.integers(1, 30))),
    ended=st.one_of(st.none(), HOURS),
    kind=st.sampled_from(("parent", "caregiver")),
    age_hours=st.integers(-20, 60),
    asked=HOURS,
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_who_may_act_is_what_a_plain_model_says(
    conn: psycopg.Connection, valid: tuple[int, int | None], ended: int | None, kind: str, age_hours: int, asked: int
) -> None:
    """The person turns 18 ``age_hours`` after the start (at the start of that Japanese day)."""
    turns = (START + age_hours * HOUR + 9 * HOUR).date()
    with conn.transaction(force_rollback=True):
        ward = people.add(conn, birth_date=turns.replace(year=turns.year - 18), sex="male", name="子")
        proxy = people.add(conn, birth_date=date(1980, 1, 1), sex="female", name="母")
        begins, length = valid
        number = entitlements.add(
            conn, person_id=ward.person_id, proxy_id=proxy.person_id, kind=kind, relation="母", evidence="戸籍",
            valid_from=START + begins * HOUR, valid_to=None if length is None else START + (begins + length) * HOUR,
            noted_by="staff:1",
        )  # fmt: skip
        if ended is not None:
            conn.execute("update health.entitlements set ended_at = %s", (START + ended * HOUR,))
        at = START + asked * HOUR
        runs = begins <= asked and (length is None or asked < begins + length) and (ended is None or asked < ended)
        minor = (at + 9 * HOUR).date() < turns
        wanted = number if runs and (kind == "caregiver" or minor) else None
        assert entitlements.in_force(conn, proxy_id=proxy.person_id, person_id=ward.person_id, at=at) == wanted
        assert len(entitlements.of_proxy(conn, proxy.person_id, at)) == (wanted is not None)
        (shown,) = entitlements.of_person(conn, ward.person_id, at)
        assert shown.in_force == (wanted is not None)
