"""Programs that come in with a key of their own: audiences beside those of people (``phr_api/doors.py``).

``Clinic`` (a facility's system, for the people who agreed to it), ``Operator`` (counts and states, no health data),
``Researcher`` (the city's statistics that were released) and ``LivingLab`` (pseudonymous figures of who takes part in
the city's living lab).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import psycopg
from fastapi import Depends, Request

from phr_api.doors import AnySession, Conn, deny
from phr_api.problems import forbidden
from store.sessions import Program, Session


def of_role(role: str) -> Callable[[Request, Session, psycopg.Connection], Program]:
    """The audience of programs of this role; nobody else comes in."""

    def comes_in(request: Request, session: AnySession, conn: Conn) -> Program:
        if not isinstance(session.who, Program) or session.who.role != role:
            deny(conn, session.who, None, request=request, problem=forbidden())
        return session.who

    return comes_in


clinic = of_role("clinic")
operator = of_role("operator")
researcher = of_role("researcher")
living_lab = of_role("living_lab")

Clinic = Annotated[Program, Depends(clinic)]
Operator = Annotated[Program, Depends(operator)]
Researcher = Annotated[Program, Depends(researcher)]
LivingLab = Annotated[Program, Depends(living_lab)]
