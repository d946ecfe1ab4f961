"""Device and gateway formats that are understood."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from devices.catalogue import models
from phr_api.doors import Public

ROUTER = APIRouter(prefix="/api", tags=["registrations"], dependencies=[Public])


@dataclass(frozen=True, slots=True)
class ModelShape:
    id: str
    vendor: str
    name: str
    metrics: tuple[str, ...]
    source: str


@ROUTER.get("/models", summary="対応する機器 / Device models that are understood")
def listing() -> list[ModelShape]:
    return [ModelShape(one.id, one.vendor, one.name, one.metrics, one.source) for one in models().values()]
