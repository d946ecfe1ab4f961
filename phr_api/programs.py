"""Programs that come in with a key of their own: audiences beside those of people (``phr_api/doors.py``).

``Clinic`` (a facility's system), ``Operator`` (counts and states), ``Researcher`` (the city's statistics) and
``LivingLab`` (pseudonymous figures of who takes part in the city's living lab).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from phr_api.doors import AnySession, Conn, deny
from phr_api.problems import forbidden
from store.sessions import ClinicSystem, LivingLabProgram, OperatorProgram, ResearchProgram


def clinic(request: Request, session: AnySession, conn: Conn) -> ClinicSystem:
    """A clinic's program, for the people who agreed to its facility."""
    if not isinstance(session.who, ClinicSystem):
        deny(conn, session.who, None, request=request, problem=forbidden())
    return session.who


def operator(request: Request, session: AnySession, conn: Conn) -> OperatorProgram:
    """An operator's program: no health data, nobody's name."""
    if not isinstance(session.who, OperatorProgram):
        deny(conn, session.who, None, request=request, problem=forbidden())
    return session.who


def researcher(request: Request, session: AnySession, conn: Conn) -> ResearchProgram:
    """A researcher's program: the tables that were released, and nobody's data."""
    if not isinstance(session.who, ResearchProgram):
        deny(conn, session.who, None, request=request, problem=forbidden())
    return session.who


def living_lab(request: Request, session: AnySession, conn: Conn) -> LivingLabProgram:
    """A program of the city's living lab: of who agreed to take part, and nobody's name."""
    if not isinstance(session.who, LivingLabProgram):
        deny(conn, session.who, None, request=request, problem=forbidden())
    return session.who


Clinic = Annotated[ClinicSystem, Depends(clinic)]
Operator = Annotated[OperatorProgram, Depends(operator)]
Researcher = Annotated[ResearchProgram, Depends(researcher)]
LivingLab = Annotated[LivingLabProgram, Depends(living_lab)]
