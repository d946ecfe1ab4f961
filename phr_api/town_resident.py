"""One invented person of the demo's town, and the words they are described with. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Sex = Literal["male", "female"]

SAKATA, YUZA, SHONAI, MIKAWA = "062049", "064611", "064289", "064262"  # 全国地方公共団体コード
CHECKUP_CENTRE = "0619999999"  # 健診機関番号 of the invented checkup centre
PATIENT_SYSTEM = f"urn:oid:1.2.392.200119.6.102.1{CHECKUP_CENTRE}"  # how that centre numbers its patients


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """One invented person: body, habits and devices that the history is drawn from.

    ``weight_kg`` is today's, ``change_kg`` its change over 90 days; ``pressure`` the mean home pressure (mmHg);
    ``answers`` questionnaire words to codes; ``labs`` metric words to values, empty when there was no checkup.
    """

    number: int  # 1 … : the order of the sign-in page
    household: int
    name: str
    kana: str
    sex: Sex
    birth_date: date
    town: str
    story: str
    height_cm: float
    weight_kg: float
    change_kg: float
    steps: int
    pressure: tuple[int, int]
    sleep_minutes: int  # measured only where there is a 'band'
    devices: tuple[str, ...]  # 'scale', 'shared_scale', 'pedometer', 'cuff', 'band'
    identifier: tuple[str, str]
    answers: Mapping[str, int] = field(default_factory=dict)
    labs: Mapping[str, float] = field(default_factory=dict)

    @property
    def bmi(self) -> float:
        """kg/m2."""
        return self.weight_kg / (self.height_cm / 100) ** 2


@cache
def table() -> dict[str, Any]:
    """``town.toml``: personas and names."""
    return tomllib.loads((files("phr_api") / "town.toml").read_text("utf-8"))
