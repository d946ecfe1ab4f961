"""One message and what is known of its device become readings, unclaimed numbers or a rejection. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from devices.model import Model
from ingest import placing
from ingest.message import Message, address
from store import registry
from store.clock import JST
from store.metrics import METRICS, STEP_METRICS
from store.model import Member, NotUnderstood, Reading, Registration, Rejection, Sample, Unclaimed

LONGEST_SECONDS = 86_400  # an interval longer than a day can't be told to a day


@dataclass(slots=True)
class Outcome:
    """What one message came to. A message can give readings *and* a rejection: the sound part is stored."""

    message: Message
    readings: list[Reading] = field(default_factory=list)
    unclaimed: list[Unclaimed] = field(default_factory=list)
    rejection: Rejection | None = None
    windows: dict[int, int] = field(default_factory=dict)  # source id -> seconds in which a value repeats

    @property
    def size(self) -> int:
        """How many rows it brings."""
        return len(self.readings) + len(self.unclaimed) + (self.rejection is not None)


def decode(message: Message, known: Sequence[Registration], members: Mapping[int, tuple[Member, ...]]) -> Outcome:
    """``known``: every registration of this gateway and device, past ones too, oldest first.

    Reasons of rejection: ``bad_topic``, ``unregistered_device``, ``unknown_model``, ``decoder_failed``,
    ``out_of_range``, ``not_registered_then``, ``time_not_unique``, ``retained_without_time`` and every reason of
    the device formats (``NotUnderstood``). Nothing else is raised, and no reason or detail holds a health value.
    """
    outcome = Outcome(message)
    begun = [registration for registration in known if registration.valid_from <= message.received_at]
    problems: list[NotUnderstood] = []
    try:
        samples = _samples(message, begun)
    except NotUnderstood as fault:
        samples = fault.understood
        problems.append(fault)
    taken: dict[tuple[str, datetime], float] = {}
    for measurement in _measurements(samples):
        try:
            _place(outcome, measurement, begun, members=members, taken=taken)
        except NotUnderstood as fault:
            problems.append(fault)
    if problems:
        outcome.rejection = _rejection(message, problems)
    return outcome


def _samples(message: Message, begun: Sequence[Registration]) -> tuple[Sample, ...]:
    if address(message.topic) is None:
        raise NotUnderstood("bad_topic", "expected phr/v1/<gateway>/…/<device>")
    if not begun:
        raise NotUnderstood("unregistered_device", "register the device, then this message can be taken in")
    model = models().get(begun[-1].model)
    if model is None:
        raise NotUnderstood("unknown_model", f"no device format is called {begun[-1].model}")
    try:
        return model.decode(message.payload, JST)
    except NotUnderstood:
        raise
    except Exception as fault:  # a fault of the format's code must not stop the messages behind it
        raise NotUnderstood("decoder_failed", f"{model.id}: {type(fault).__name__}") from None


def _measurements(samples: Sequence[Sample]) -> Iterable[Sequence[Sample]]:
    if len(samples) == 1:
        return [samples]
    together: dict[datetime | None, list[Sample]] = {}
    for sample in samples:
        together.setdefault(sample.at, []).append(sample)
    return list(together.values())


def _place(
    outcome: Outcome,
    measurement: Sequence[Sample],
    begun: Sequence[Registration],
    *,
    members: Mapping[int, tuple[Member, ...]],
    taken: dict[tuple[str, datetime], float],
) -> None:
    """Add one measurement to the outcome, whole, or raise NotUnderstood and leave it out whole."""
    arrival = outcome.message.received_at
    _check(measurement, outcome.message)
    times = [placing.placed_in_time(sample, arrival) for sample in measurement]
    _check_unique(measurement, [at for at, _ in times], taken)
    moment = max(placing.moment_of(s, at, arrival) for s, (at, _) in zip(measurement, times, strict=True))
    registration = placing.registration_at(begun, moment, arrival)
    if registration is None or registration.model != begun[-1].model:
        raise NotUnderstood("not_registered_then", "the device was nobody's at the time of measurement")
    outcome.windows[registration.source_id] = models()[registration.model].repeats_seconds
    person_id = placing.owner(registration, members, moment)
    for sample, (at, flag) in zip(measurement, times, strict=True):
        row = (sample.metric, at, registration.source_id, sample.value, sample.seconds, sample.flags | flag, arrival)
        if person_id is not None:
            outcome.readings.append(Reading(person_id, *row, placing.offset_minutes(at)))
        elif registration.household_id is not None:
            outcome.unclaimed.append(Unclaimed(registration.household_id, *row, placing.offset_minutes(at)))


def _check(measurement: Sequence[Sample], message: Message) -> None:
    for sample in measurement:
        metric = METRICS.get(sample.metric)
        if metric is None:
            raise NotUnderstood("unknown_metric", "the device format used a metric that is not in the table")
        if not metric.low <= sample.value <= metric.high:
            raise NotUnderstood(
                "out_of_range", f"{metric.id}: plausible is {metric.low:g} to {metric.high:g} {metric.ucum}"
            )
        if not 0 <= sample.seconds <= LONGEST_SECONDS:
            raise NotUnderstood("out_of_range", f"{metric.id}: an interval of at most {LONGEST_SECONDS} s")
        if sample.at is None and message.retained:
            raise NotUnderstood(
                "retained_without_time", "a kept message, so its arrival tells no time: send it unretained"
            )


def _check_unique(
    measurement: Sequence[Sample], times: Sequence[datetime], taken: dict[tuple[str, datetime], float]
) -> None:
    said: dict[tuple[str, datetime], float] = {}
    for sample, at in zip(measurement, times, strict=True):
        key = sample.metric, at
        before = said.setdefault(key, taken.get(key, sample.value))
        if before != sample.value and sample.metric not in STEP_METRICS:
            raise NotUnderstood("time_not_unique", f"{sample.metric}: two values for one moment")
    taken.update(said)


def _rejection(message: Message, problems: Sequence[NotUnderstood]) -> Rejection:
    where = address(message.topic)
    details = list(dict.fromkeys(str(problem) for problem in problems[1:6]))
    return Rejection(
        origin=message.topic,
        reason=problems[0].reason,
        detail="; ".join([problems[0].detail, *details]),
        raw=message.payload,
        received_at=message.received_at,
        gateway_id=where[0] if where else None,
        device=where[1] if where else None,
        retained=message.retained,
    )


@cache
def models() -> dict[str, Model]:
    """Every device format by its id."""
    return {model.id: model for model in registry.load("devices.models", "MODEL")}
