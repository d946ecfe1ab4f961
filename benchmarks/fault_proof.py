"""Everything that was promised, against what the database holds."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

import psycopg
from fault_load import MOST, START, Sender, kind, value
from fault_world import World


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of a run. ``lost`` and ``doubled`` must be 0; ``brokers_loss`` is what Mosquitto had acknowledged and
    not yet saved when it was killed; ``resent``: sent again by the gateway, so twice in truth."""

    kind: str
    times: int
    seconds: float
    sent: int
    lost: int
    doubled: int
    brokers_loss: int
    resent: int
    refused: int
    drained: int
    gone: list[str]  # what was lost: number and kind of the first few

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled)

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"good": self.good}


def prove(fault: str, one: World, sender: Sender, *, excused: set[int], times: int, seconds: float) -> Proof:
    """Wait until all of it is there (or nothing more comes), then count.

    ``excused``: acknowledged right before Mosquitto was killed, and not on its disk then.
    """
    missing = _wait_for(one, set(sender.promised))
    counts = _counts(one)
    # The gateway sends again what was not acknowledged: a weighing or a broken payload can truly have come twice.
    doubled = [number for number, count in counts.items() if count > 1 and number not in sender.doubled]
    return Proof(
        kind=fault,
        times=times,
        seconds=round(seconds, 1),
        sent=sender.sent,
        lost=len(missing - excused),
        doubled=len(doubled),
        brokers_loss=len(missing & excused),
        resent=len(sender.doubled),
        refused=sender.refused,
        drained=(one.folder / "worker.log").read_text("utf-8").count("is drained"),
        gone=[f"{number} {kind(number)}" for number in sorted(missing - excused)[:5]],
    )


def _wait_for(one: World, promised: set[int]) -> set[int]:
    """What is still missing once nothing has come for 15 seconds."""
    missing, changed = promised - _counts(one).keys(), time.monotonic()
    while missing and time.monotonic() - changed < 15:
        time.sleep(0.5)
        now = promised - _counts(one).keys()
        if len(now) != len(missing):
            changed = time.monotonic()
        missing = now
    return missing


def _counts(one: World) -> dict[int, int]:
    """Message -> how often it is stored."""
    found: dict[int, int] = {}
    with psycopg.connect(one.url, options="-c timezone=UTC") as conn:
        for at, count in conn.execute("select at, count(*) from health.readings where flags & 3 = 0 group by at"):
            found[round((at - START).total_seconds())] = count
        weighings = dict(
            conn.execute(
                "select round(value::numeric, 3)::float8, count(*) from health.readings where flags & 3 <> 0 group by 1"
            )
        )
        broken = conn.execute(
            "select convert_from(raw, 'UTF8'), count(*) from health.rejections where raw like 'broken %%' group by 1"
        )
        found |= {int(text[-7:]): count for text, count in broken}
    for number in range(MOST):
        if kind(number) == "timeless" and (count := weighings.get(round(value(number), 3))):
            found[number] = count
    return found
