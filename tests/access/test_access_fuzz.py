"""Whatever is sent to any described endpoint, by whomever: no stumbling, answers as described, nothing of others.

``PHR_FUZZ_EXAMPLES=200`` makes the long run; the suite asks each endpoint a few times as each role.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from access_world import OWNER, SUBJECTS
from conftest import ORIGIN, Copy, Town
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from phr_api.doors import COOKIE

EXAMPLES = int(os.environ.get("PHR_FUZZ_EXAMPLES", "3"))
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


def operations(town: Town) -> Iterator[Any]:
    described = schemathesis.openapi.from_dict(town.app.openapi())
    for found in described.get_all_operations():
        yield found.ok()


@pytest.mark.parametrize("role", MAY_MEET)
def test_whatever_is_sent_is_answered_as_described_and_tells_nothing_of_others(copy: Copy, role: str) -> None:
    with copy() as town:
        for operation in operations(town):
            for mode in GenerationMode:
                _try(town, operation, role, mode)


def _try(town: Town, operation: Any, role: str, mode: GenerationMode) -> None:
    owner = town.world.things[OWNER]
    others = [mark for mark in MARKS if mark not in MAY_MEET[role]]

    @QUIET
    @given(case=operation.as_strategy(generation_mode=mode), named=st.booleans())
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
