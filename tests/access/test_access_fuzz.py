"""Whatever is sent to any described endpoint, by whomever: no stumbling, answers as described, nothing of others.

Asked as every role of the matrix. The suite asks each role a third of the endpoints, twice each; ``make fuzz`` asks
every role everything, so often as ``PHR_FUZZ_EXAMPLES`` says, and tells how many requests that were.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest
import schemathesis
from access_requests import rows
from access_world import OTHER, OWNER, SUBJECTS
from conftest import ORIGIN, Copy, Town
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from phr_api.doors import COOKIE

LONG = int(os.environ.get("PHR_FUZZ_EXAMPLES", "0"))
SHARE = 1 if LONG else 3
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
# The roles that differ by whose things they ask for are one caller: the 保健師 of the town.
ROLES = [role for role in rows()[0].expected if role not in SUBJECTS]
MARKS = (OWNER, OTHER, *SUBJECTS.values())
_ALL, _HOME = ("own", "home"), ("home",)
_AGREED = {mark: _ALL for mark in (OWNER, OTHER, SUBJECTS["narrow"])}
# Of whom a role may be told which kinds of words (access_subject.py); who is not named here, nothing of anybody.
MAY_MEET: dict[str, dict[str, tuple[str, ...]]] = {
    "self": {OWNER: _ALL},
    "other": {OTHER: _ALL},
    "family": {OWNER: _HOME},
    "proxy": {OWNER: _ALL},
    "sees": {OWNER: _ALL},
    "enters": {OWNER: _ALL},
    "nurse": _AGREED | {SUBJECTS["opened"]: _ALL},
    "chief": _AGREED,
    "named": {OWNER: _ALL},
}
# Who asked the counter for something is answered there by any 保健師 of the town, agreed or not (matrix: "asked"); a
# supervisor reads the reasons of emergencies as they were typed ("reports").
TOLD = {("/api/nurse/correction-requests", "nurse"), ("/api/nurse/correction-requests", "chief")}
TOLD |= {("/api/nurse/openings/reported", "chief")}
# Path parameters that are ids of things: half of the tries name one of the owner's.
THINGS = {f"{name}_id": name for name in ("advice", "consent", "export", "opening", "entitlement")}
THINGS |= {"registration_id": "cuff", "gateway_id": "gateway", "public_id": "public_id"}
QUIET = settings(
    max_examples=LONG or 1,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def operations(application: tuple[FastAPI, TestClient]) -> list[tuple[Any, GenerationMode]]:
    """What can be sent to each endpoint: as described, and not as described."""
    described = schemathesis.openapi.from_dict(application[0].openapi())
    found = [one.ok() for one in described.get_all_operations()]
    return [(one.as_strategy(generation_mode=mode), mode) for one in found for mode in GenerationMode]


# Schemathesis asks `random` for some of what breaks a schema; Hypothesis would call that flaky.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.parametrize("role", ROLES)
def test_whatever_is_sent_is_answered_as_described_and_tells_nothing_of_others(
    copy: Copy, operations: list[tuple[Any, GenerationMode]], role: str
) -> None:
    with copy() as town:
        hidden, asked = _hidden(town, role), 0
        for number, (cases, mode) in enumerate(operations):
            if (number // 2 + ROLES.index(role)) % SHARE == 0:
                asked += _try(town, cases, role, mode, hidden)
    assert asked > 20
    if LONG:
        sys.stdout.write(f" {role}: {asked:,} requests\n")


def test_every_role_of_the_matrix_is_asked_and_none_that_is_gone() -> None:
    assert MAY_MEET.keys() <= set(ROLES)
    assert len(ROLES) > 15


def _hidden(town: Town, role: str) -> list[str]:
    """The words that this role must never be told."""
    allowed = MAY_MEET.get(role, {})
    words = [
        word
        for mark in MARKS
        for kind in ("own", "home")
        if kind not in allowed.get(mark, ())
        for word in town.world.things[mark][kind]
    ]
    met = {word for mark, kinds in allowed.items() for kind in kinds for word in town.world.things[mark][kind]}
    return [word for word in words if word not in met]


def _try(town: Town, cases: Any, role: str, mode: GenerationMode, hidden: list[str]) -> int:
    """How many requests it was."""
    owner, asked_so_often = town.world.things[OWNER], [0]

    @QUIET
    @given(case=cases, named=st.booleans())
    def tried(case: Any, named: bool) -> None:
        for name in set(case.path_parameters or ()) & THINGS.keys() if named else ():
            case.path_parameters[name] = str(owner[THINGS[name]])
        asked = case.as_transport_kwargs(base_url=ORIGIN)
        headers = dict(asked.pop("headers", None) or {}) | {"Sec-Fetch-Site": "same-origin"}
        headers |= {"Cookie": f"{COOKIE}={town.world.tokens[role]}"} if role != "nobody" else {}
        asked.pop("cookies", None)
        if isinstance(asked.get("data"), str | bytes):
            asked["content"] = asked.pop("data")
        town.client.cookies.clear()
        answer = town.client.request(**asked, headers=headers)
        said = answer.text + str(dict(answer.headers))
        asked_so_often[0] += 1
        secret = () if (case.path, role) in TOLD else hidden
        assert [word for word in secret if word in said] == [], f"{case.method} {case.path} tells {role} of others"
        case.validate_response(answer, checks=CHECKS)

    try:
        tried()
    except Unsatisfiable:  # nothing in it that could be wrong
        assert mode is GenerationMode.NEGATIVE
    return asked_so_often[0]
