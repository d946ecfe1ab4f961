"""The shape of one record to be: a row with its key, its facility and whether it may be shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fhir_bridge.facilities import Facility
from fhir_bridge.row import Row


@dataclass(frozen=True, slots=True)
class Draft:
    """One record to be. ``withheld``: why the citizen may not see it ('' when they may)."""

    key: str
    at: datetime
    row: Row
    facility: Facility
    stated_at: datetime | None
    withheld: str
    withdrawn: bool

    @property
    def released(self) -> bool:
        return not self.withheld and not self.withdrawn
