"""Which device gave which steps of a day, and which device counts first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from ingest import merging
from phr_api import inputs, spells
from phr_api.behalf import MaySee
from phr_api.doors import Conn, Me, look
from phr_api.problems import not_found
from phr_api.spells import Spell
from store import device_order, sources

ROUTER = APIRouter(prefix="/api", tags=["days"])


@dataclass(frozen=True, slots=True)
class StepsShape:
    """One civil day (+09:00). ``steps``: its count, none where nothing told of it; ``spells`` add up to it."""

    day: date
    steps: float | None
    spells: list[Spell]


@dataclass(frozen=True, slots=True)
class StepDevice:
    """``place``: its place in my own order, 0 first; none: after those, by how much each counted that day."""

    source_id: int
    source: str
    place: int | None


class DeviceOrder(BaseModel):
    """``source_ids``: first one first; an empty list takes my own order back."""

    model_config = ConfigDict(extra="forbid")

    source_ids: list[inputs.RowId] = Field(max_length=100)


@ROUTER.get("/days/{day}/steps", summary="どの機器の歩数か / Which device gave which steps of a day")
def of_day(request: Request, me: MaySee, conn: Conn, *, day: Annotated[inputs.Day, Path()]) -> StepsShape:
    """As the day's figure counts them: merged by time, no step twice."""
    look(conn, me, me.person_id, items="days: steps", purpose=me.purpose, request=request)
    merged = merging.steps_of(conn, me.person_id, day)
    if merged is None:
        return StepsShape(day, None, [])
    labels = sources.labels(conn, (one.source_id for one in merged.segments))
    return StepsShape(day, merged.total, spells.spells(merged.segments, labels, pause=None))


@ROUTER.get("/device-order", summary="歩数の機器の順番 / My step devices in their order")
def order(request: Request, me: Me, conn: Conn) -> list[StepDevice]:
    """Every device that ever counted steps of mine; those with a place first."""
    look(conn, me, me.person_id, items="device order", purpose="own", request=request)
    known, places = device_order.known(conn, me.person_id), device_order.of_person(conn, me.person_id)
    rest = [source for source in known if source not in places]
    return [
        StepDevice(source, known.get(source, ""), places.index(source) if source in places else None)
        for source in (*places, *rest)
    ]


@ROUTER.put("/device-order", status_code=204, summary="歩数の機器の順番を決める / Put my step devices in order")
def put(request: Request, me: Me, conn: Conn, *, wanted: DeviceOrder) -> None:
    """Where two devices counted at the same time the first one counts. All my days are figured anew, in a moment."""
    look(conn, me, me.person_id, items="device order", purpose="own", request=request, action="write")
    unique = list(dict.fromkeys(wanted.source_ids))
    if not set(unique) <= device_order.known(conn, me.person_id).keys():
        raise not_found()
    device_order.replace(conn, me.person_id, unique)
