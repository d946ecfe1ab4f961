"""An endpoint that does not say who may call it must not start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from phr_api.doors import public, session


def check(routes: Sequence[BaseRoute]) -> None:
    """Stop (RuntimeError) when an endpoint does not say who may call it, or says two things."""
    for route in iter_route_contexts(routes):
        if isinstance(route.original_route, Mount) and isinstance(route.original_route.app, StaticFiles):
            continue
        dependant = getattr(route, "dependant", None)
        calls = set(_calls(dependant)) if dependant else set()
        if (public in calls) == (session in calls):
            raise RuntimeError(
                f"{sorted(route.methods or ())} {route.path}: declare exactly one audience"
                " (Me, Fresh, Nurse, Desk, SignedIn, Clinic, Operator, Researcher, LivingLab or dependencies=[Public])"
            )


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)
