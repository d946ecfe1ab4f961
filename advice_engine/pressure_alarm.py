"""Single home readings of 180/110 and more in the last three days: once, or repeatedly. Pure.

Source: 高血圧管理・治療ガイドライン2025 (unverified). Two rules share this, so that the graver one is a new advice row
and is told anew, whatever the milder one has said before.
"""

from __future__ import annotations

from dataclasses import dataclass

from advice_engine.facts import Facts, HomePressure
from advice_engine.figures import ago
from advice_engine.home_pressure import HIGHEST, sound
from advice_engine.rule import Ground
from advice_engine.sources import pressure
from advice_engine.words import by, day
from advice_engine.words import pressure as shown
from store.clock import civil_day

VERY_HIGH = (180, 110)
WITHIN_DAYS = 3
SOURCE = pressure("血圧値の分類と緊急時の対応", verified=False)
ALARM = "胸の痛み、強い頭痛、手足が動かしにくい、ことばが出にくいときは、すぐに119番に電話してください。"


@dataclass(frozen=True, slots=True)
class Alarm:
    """``high``: the readings at the line, ascending, at least one. ``newest``: the last reading of all."""

    high: tuple[HomePressure, ...]
    newest: HomePressure
    lately: bool  # the last high one is of today or yesterday

    @property
    def repeated(self) -> bool:
        return len(self.high) > 1

    @property
    def not_measured_again(self) -> bool:
        return self.high[-1] is self.newest

    @property
    def stays_high(self) -> bool:
        """Measured again, and still 160/100 or more."""
        return not self.not_measured_again and reaches(self.newest, HIGHEST)

    @property
    def reason(self) -> str:
        last = self.high[-1]
        return f"{day(civil_day(last.at))}の血圧は{shown(last.sys, last.dia)}でした。{by(SOURCE)}"

    @property
    def grounds(self) -> tuple[Ground, ...]:
        said = (*self.high[-5:], *((self.newest,) if self.stays_high else ()))
        return tuple(
            Ground("bp_sys", "家庭血圧", shown(one.sys, one.dia), civil_day(one.at).isoformat()) for one in said
        )


def reaches(one: HomePressure, line: tuple[int, int]) -> bool:
    """Whether either number reaches its line (systolic, diastolic)."""
    return one.sys >= line[0] or one.dia >= line[1]


def alarm(facts: Facts) -> Alarm | None:
    """What the sound readings of the last three days hold of 180/110 and more; None: nothing."""
    readings = sound(facts, within=WITHIN_DAYS)
    high = tuple(one for one in readings if reaches(one, VERY_HIGH))
    return Alarm(high, readings[-1], civil_day(high[-1].at) >= ago(facts, 1)) if high else None
