"""What the devices of the invented town say from now on: payloads as real gateways send them. Pure but for ``draw``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np

from devices import payloads
from phr_api import town_devices, town_history
from phr_api.town_devices import Device
from phr_api.town_resident import Resident
from store.clock import civil_day

_BROADCASTS = 3  # a scale sends one weighing several times
_PAUSE = timedelta(seconds=5)  # a device's clock counts seconds: two measurements never share one
_WAKING_HOURS = 15
_OFFLINE = 0.02  # share of measurements at which a gateway loses its line
_PATIENCE = 6  # … and how many measurements it keeps before the line is back


@dataclass(frozen=True, slots=True)
class Message:
    """One publish of one gateway."""

    gateway: str
    topic: str
    payload: bytes


@dataclass(slots=True)
class Counter:
    """What a pedometer shows: steps since midnight."""

    at: datetime
    steps: float

    def walk(self, person: Resident, now: datetime, pace: float) -> int:
        """Go on until ``now``; a new day starts from zero."""
        if civil_day(now) != civil_day(self.at):
            self.at, self.steps = now, 0
        share = (now - self.at) / timedelta(hours=_WAKING_HOURS)
        self.steps += pace * (share * town_history.steps_on(person, civil_day(now)) + 5)
        self.at = now
        return round(self.steps)


@dataclass(slots=True)
class Street:
    """The town's devices while it lives on: counters, and gateways that are offline with what they kept."""

    people: Sequence[Resident]
    draw: np.random.Generator
    counters: MutableMapping[str, Counter] = field(default_factory=dict)
    kept: dict[str, list[Message]] = field(default_factory=dict)
    used: dict[str, datetime] = field(default_factory=dict)  # when each device measured last

    def next(self, now: datetime) -> list[Message]:
        """The next measurement of somebody: what reaches the broker now, maybe nothing, maybe a whole backlog."""
        person = self.people[int(self.draw.integers(len(self.people)))]
        owned = list(town_devices.of(person))
        device = owned[int(self.draw.integers(len(owned)))]
        if device.topic in self.used and now - self.used[device.topic] < _PAUSE:
            return []
        self.used[device.topic] = now
        said = [Message(device.gateway, device.topic, payload) for payload in self._say(person, device, now)]
        return self._line(device.gateway, said)

    def _line(self, gateway: str, said: list[Message]) -> list[Message]:
        if gateway not in self.kept:
            if self.draw.random() >= _OFFLINE:
                return said
            self.kept[gateway] = []
        self.kept[gateway] += said
        return self.kept.pop(gateway) if len(self.kept[gateway]) >= _PATIENCE else []

    def _say(self, person: Resident, device: Device, now: datetime) -> Iterator[bytes]:
        if device.kind == "pedometer":
            counter = self.counters.setdefault(device.device, Counter(now, 0))
            yield payloads.pedometer_counter(counter.walk(person, now, float(self.draw.lognormal(0, 0.3))))
        elif device.kind == "cuff":
            sys, dia, pulse = town_history.pressure(person, now, rise=0, noise=self.draw.normal(0, 1, 3))
            yield payloads.gatt_blood_pressure(sys.value, dia.value, pulse.value, now)
        elif device.kind == "band":
            pulse_now, oxygen = float(self.draw.integers(58, 92)), float(self.draw.integers(95, 100))
            yield payloads.phr_readings([("pulse", pulse_now, "/min", now), ("spo2", oxygen, "%", now)])
        else:
            kilograms = round((person.weight_kg + float(self.draw.normal(0, 0.3))) * 20) / 20
            yield from _weighing(device.model, kilograms, now)


def _weighing(model: str, kilograms: float, now: datetime) -> list[bytes]:
    if model == "theengs_scale":
        return [payloads.theengs_scale(kilograms)] * _BROADCASTS
    frame: Callable[[float, datetime], bytes] = (
        payloads.gatt_weight if model == "gatt_weight_2a9d" else payloads.xiaomi_181d
    )
    return [frame(kilograms, now)] * _BROADCASTS


def counters(people: Sequence[Resident], seeded_at: datetime, seed: int) -> dict[str, Counter]:
    """What every pedometer showed last when the town's history was written."""
    shown = {}
    for person in people:
        for device in town_devices.of(person):
            if device.kind == "pedometer":
                shown[device.device] = _last_shown(person, seeded_at, seed)
    return shown


def _last_shown(person: Resident, seeded_at: datetime, seed: int) -> Counter:
    today: date = civil_day(seeded_at)
    counts = [
        sample.value
        for _, sample in town_history.history(person, seeded_at, seed)
        if sample.metric == "steps_counter" and sample.at and civil_day(sample.at) == today
    ]
    return Counter(seeded_at, max(counts, default=0))
