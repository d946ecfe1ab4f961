"""The order of calls in words, for a 保健師 alone. What a model says of somebody is shown to no citizen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg

from advice_engine import learning
from store import risk_orders
from store.metrics import METRICS
from store.risk_orders import Place

_YES_NO = {
    "bp_drug": ("血圧の薬を使用", "血圧の薬の使用なし"),
    "lipid_drug": ("脂質の薬を使用", "脂質の薬の使用なし"),
    "glucose_drug": ("血糖の薬を使用", "血糖の薬の使用なし"),
    "smoker": ("たばこを吸う", "たばこを吸わない"),
    "family_diabetes": ("家族に糖尿病の方がいる", "家族に糖尿病の方がいない"),
}
_SEX = {"male": "男性", "female": "女性"}


@dataclass(frozen=True, slots=True)
class OrderShape:
    """``place`` 1 is first among ``people`` of the same sex and age band (``peers``). ``because``: in words."""

    about: str
    peers: str
    place: int
    people: int
    because: list[str]


def of_people(conn: psycopg.Connection, person_ids: Iterable[int]) -> dict[int, list[OrderShape]]:
    """Of those within the 保健師's reach whom an approved model places; empty while no model stands."""
    found: dict[int, list[OrderShape]] = defaultdict(list)
    for one in risk_orders.standing(conn, sorted(set(person_ids))):
        found[one.person_id].append(said(one))
    return dict(found)


def said(one: Place) -> OrderShape:
    title = learning.part(one.learned_id).title
    return OrderShape(title, peers(one.peers), one.place, one.people, [because(term) for term in one.terms])


def peers(name: str) -> str:
    """女性 40〜54歳."""
    sex, _, ages = name.partition(" ")
    return f"{_SEX[sex]} {'75歳以上' if ages == '75+' else ages.replace('-', '〜') + '歳'}"


def because(term: dict[str, Any]) -> str:
    """BMI 33.0 kg/m2(まん中は 22.6)、腹囲 104.0 cm(まん中は 81.0): 順を早める."""
    moves = "順を早める" if term["raises"] else "順を遅くする"
    return f"{'、'.join(map(_compared, term['parts']))}: {moves}"


def _compared(part: dict[str, Any]) -> str:
    if part["input"] in _YES_NO:
        return _YES_NO[part["input"]][0 if part["value"] == 1 else 1]
    metric = METRICS[part["input"]]
    usual = f"(まん中は {part['usual']:.{metric.digits}f})" if part["usual"] is not None else ""
    return f"{metric.ja} {part['value']:.{metric.digits}f} {metric.unit_ja}{usual}"
