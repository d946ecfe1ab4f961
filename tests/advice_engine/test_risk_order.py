"""The nightly order of calls over a real database: only a model that stands is shown, and no chance is kept."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import psycopg

from advice_engine import learning
from advice_engine.facts import Checkup, Facts
from advice_engine.risk_columns import pairs, reached
from advice_engine.risk_order import order_all, places
from phr_api import ordering
from phr_api.commands.learn_risk import PARTS, parameters, shipped
from store import models, risk_orders
from store.models import SHADOW

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
WOMAN = {"age": 52.0, "male": 0.0, "bmi": 22.0, "waist": 78.0, "office_bp_sys": 118.0, "office_bp_dia": 72.0}
HEAVY = WOMAN | {"bmi": 33.0, "waist": 104.0, "bp_drug": 1.0}
MAN = WOMAN | {"male": 1.0}


def _stand(conn: psycopg.Connection, learned_id: str, state: str) -> int:
    model = models.add(conn, shipped(learned_id), "operator:test")
    models.shadow(conn, model, "operator:test", NOW - SHADOW)
    if state == "active":
        models.approve(conn, model, "保健師長", NOW)
    return model


def _citizen(conn: psycopg.Connection, values: dict[str, float], sex: str = "female") -> int:
    """Somebody with one checkup under a consent, without names."""
    person = _id(conn, "insert into health.people (birth_date, sex) values ('1974-05-02', %s) returning person_id", sex)
    source = _id(
        conn,
        "insert into health.sources (kind, label, code) values ('record', 'x', %s) returning source_id",
        str(person),
    )
    consent = _id(
        conn,
        "insert into health.consents (person_id, purpose, recipient, items, valid, text_version, given_by)"
        " values (%s, 'phr_records', '*', '{*}', '[2020-01-01,)', '1', 'self') returning consent_id",
        person,
    )
    document = _id(
        conn,
        "insert into health.documents (person_id, source_id, consent_id, kind, identifier, title, at)"
        " values (%s, %s, %s, 'checkup', %s, '健診', '2026-05-01') returning document_id",
        *(person, source, consent, f"x|{person}"),
    )
    for metric, value in values.items():
        conn.execute(
            "insert into health.records (person_id, document_id, source_id, consent_id, key, kind, at, title, metric,"
            " value, released) values (%s, %s, %s, %s, %s, 'checkup_item', '2026-05-01', '', %s, %s, true)",
            (person, document, source, consent, metric, metric, value),
        )
    return person


def _id(conn: psycopg.Connection, query: str, *values: Any) -> int:
    row = conn.execute(query, values).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


def test_who_differs_most_from_their_peers_comes_first_among_them() -> None:
    learnt = parameters(shipped("high_glucose"))
    found = places("high_glucose", learnt, [(1, WOMAN, False), (2, HEAVY, False), (3, MAN, False)], NOW)
    assert {one.person_id: (one.peers, one.place, one.people) for one in found} == {
        1: ("female 40-54", 2, 2),
        2: ("female 40-54", 1, 2),
        3: ("male 40-54", 1, 1),
    }
    [heavy] = [one for one in found if one.person_id == 2]
    assert [part["input"] for part in heavy.terms[0]["parts"]] == ["bmi", "waist"] and heavy.terms[0]["raises"]
    assert len(heavy.terms) <= 3


def test_the_order_does_not_depend_on_the_order_of_people_and_the_treated_are_left_out() -> None:
    learnt = parameters(shipped("high_glucose"))
    rows = [(1, WOMAN, False), (2, HEAVY, False), (3, WOMAN, False), (4, HEAVY, True)]
    found = [places("high_glucose", learnt, given, NOW) for given in (rows, rows[::-1])]
    first, again = ({one.person_id: one for one in half} for half in found)
    assert first == again
    assert sorted(one.person_id for one in found[0]) == [1, 2, 3]


def test_what_is_said_names_value_and_usual_value_and_never_a_chance() -> None:
    learnt = parameters(shipped("high_glucose"))
    [one] = places("high_glucose", learnt, [(2, HEAVY, False)], NOW)
    words = ordering.said(one)
    assert words.because[0] == "BMI 33.0 kg/m2(まん中は 22.6)、腹囲 104.0 cm(まん中は 81.0): 順を早める"
    assert words.peers == "女性 40〜54歳"
    plain = json.dumps([words.because, one.terms, words.about], ensure_ascii=False)
    assert not [word for word in ("確率", "リスク", "chance", "logit", "糖尿病です") if word in plain]


def test_without_an_approved_model_nothing_is_ordered(conn: psycopg.Connection) -> None:
    _citizen(conn, {"bmi": 30})
    models.add(conn, shipped("high_glucose"), "operator:test")
    assert order_all(conn, NOW) == 0


def test_a_model_that_stands_places_people_and_a_shadow_is_not_read(conn: psycopg.Connection) -> None:
    light, heavy = _citizen(conn, {"bmi": 21, "waist": 75}), _citizen(conn, {"bmi": 34, "waist": 108})
    active, shade = _stand(conn, "high_glucose", "active"), _stand(conn, "high_pressure", "shadow")
    with conn.transaction():
        assert order_all(conn, NOW) == 4
    rows = conn.execute("select model_id, person_id, place from health.risk_orders order by 1, 3").fetchall()
    assert rows[:2] == [(active, heavy, 1), (active, light, 2)] and {row[0] for row in rows[2:]} == {shade}
    assert risk_orders.standing(conn, [light, heavy]) == []  # nobody is on duty here
    models.roll_back(conn, "high_glucose", "保健師長", "見直し")
    order_all(conn, NOW)
    assert conn.execute("select distinct model_id from health.risk_orders").fetchall() == [(shade,)]


def test_the_shipped_candidates_are_whole_and_fit_their_parts() -> None:
    for part in PARTS:
        new = shipped(part)
        held = parameters(new)
        assert set(held["terms"]) <= set(learning.part(part).inputs) and new.data_rows["train"] > 20_000
        assert learning.text(held) == new.parameters


def test_a_pair_is_the_earlier_checkups_inputs_and_the_later_ones_outcome() -> None:
    def checkup(on: date, number: int, **values: float) -> Checkup:
        return Checkup(on, "", number, values)

    person = Facts(
        person_id=1,
        today=date(2026, 11, 22),
        birth_date=date(1960, 1, 1),
        sex="male",
        checkups=(
            checkup(date(2026, 5, 1), 3, hba1c=6.6),
            checkup(date(2025, 5, 1), 2, bmi=27, q_med_bp=1, q_smoking=2, hba1c=6.2),
            checkup(date(2020, 5, 1), 1, bmi=22),
        ),
    )
    sample = pairs("high_glucose", [person])
    assert sample.target.tolist() == [1.0]
    held = {name: float(column[0]) for name, column in sample.columns.items() if not np.isnan(column[0])}
    assert held == {"age": 65.0, "male": 1.0, "bmi": 27.0, "hba1c": 6.2, "bp_drug": 1.0, "smoker": 0.0}
    assert reached("high_pressure", person.checkups[0]) is None
