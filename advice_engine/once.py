"""What is worked out of one person's facts is worked out once, however many rules ask for it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from advice_engine.facts import Facts

P = ParamSpec("P")
T = TypeVar("T")


def once(work: Callable[Concatenate[Facts, P], T]) -> Callable[Concatenate[Facts, P], T]:
    """Remember the answer with the facts, and forget it with them. It must be a value that nobody changes."""

    @wraps(work)
    def remembered(facts: Facts, /, *given: P.args, **named: P.kwargs) -> T:
        # asked for hundreds of times a person: the shorter key for who gives nothing, and no cast
        key: object = (work, given, *named.items()) if given or named else work
        derived: dict[object, Any] = facts.derived
        if key in derived:
            return derived[key]  # type: ignore[no-any-return]
        found = derived[key] = work(facts, *given, **named)
        return found

    return remembered
