"""Whatever is sent to any described endpoint, by whomever: no stumbling, answers as described, nothing of others.

``PHR_FUZZ_EXAMPLES=200`` makes the long run; the suite asks each endpoint twice as each role.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from access_world import OWNER, SUBJECTS
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

EXAMPLES = int(os.environ.get("PHR_FUZZ_EXAMPLES", "1"))
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
# Whose marks a role may meet: its own, and of a 保健師 those who agreed.
MAY_MEET = {"nobody": (), "other": ("zqother",), "clinic": (), "operator": (), "far": ()}
MAY_MEET |= {"nurse": (OWNER, "zqother", "zqnarrow", "zqopened")}
MARKS = (OWNER, "zqother", *SUBJECTS.values())
# Path parameters that are ids of things: half of the tries name one of the owner's.
THINGS = {f"{name}_id": name for name in ("advice", "consent", "export", "opening", "entitlement")}
THINGS |= {"registration_id": "cuff", "gateway_id": "gateway", "public_id": "public_id"}
QUIET = settings(
    max_examples=EXAMPLES,
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


@pytest.mark.parametrize("role", MAY_MEET)
def test_whatever_is_sent_is_answered_as_described_and_tells_nothing_of_others(
    copy: Copy, operations: list[tuple[Any, GenerationMode]], role: str
) -> None:
    with copy() as town:
        for cases, mode in operations:
            _try(town, cases, role, mode)


def _try(town: Town, cases: Any, role: str, mode: GenerationMode) -> None:
    owner = town.world.things[OWNER]
    others = [mark for mark in MARKS if mark not in MAY_MEET[role]]

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
        assert [mark for mark in others if mark in said] == [], f"{case.method} {case.path} tells {role} of others"
        case.validate_response(answer, checks=CHECKS)

    try:
        tried()
    except Unsatisfiable:  # nothing in it that could be wrong
        assert mode is GenerationMode.NEGATIVE
