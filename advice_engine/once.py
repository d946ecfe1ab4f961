"""What is worked out of one person's facts is worked out once, however many rules ask for it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from advice_engine.facts import Facts

P = ParamSpec("P")
T = TypeVar("T")


def once(work: Callable[Concatenate[Facts, P], T]) -> Callable[Concatenate[Facts, P], T]:
    """Remember the answer with the facts, and forget it with them. It must be a value that nobody changes."""

    @wraps(work)
    def remembered(facts: Facts, /, *given: P.args, **named: P.kwargs) -> T:
        key = (work, given, *named.items())
        try:
            return cast(T, facts.derived[key])
        except KeyError:
            found = facts.derived[key] = work(facts, *given, **named)
            return found

    return remembered
