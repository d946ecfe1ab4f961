"""One message and what is known of its device become readings, unclaimed numbers or a rejection. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import astuple

from devices.catalogue import models
from ingest import placing
from ingest.message import Message, address
from store import copied
from store.clock import JST
from store.copied import Row
from store.metrics import METRICS, STEP_METRICS
from store.model import Flag, Member, NotUnderstood, Reading, Registration, Rejection, Sample, Unclaimed

LONGEST_SECONDS = 86_400  # an interval longer than a day can't be told to a day

_NO_TIME = int(Flag.ARRIVAL_TIME | Flag.CLOCK_REPLACED)
_REPLACED = int(Flag.CLOCK_REPLACED)
_BOUNDS = {metric.id: (metric.low, metric.high) for metric in METRICS.values()}
_EARLIEST = -placing.CLOCK_AHEAD
_NEVER = (1.0, 0.0)  # bounds of an unknown metric

Stated = tuple[int, str, datetime, datetime | None, datetime | None]  # a row of health.stated_times


class Outcome(Struct, gc=False):
    """What one message came to. A message can give readings *and* a rejection: the sound part is stored.

    ``windows``: source id -> seconds in which a value without a time of its own repeats. ``timeless``: there is such
    a value. ``stated``: what else was said of the readings' times. ``alone``: of a shared device of somebody who lives
    alone. ``plain``: nothing of this but readings, which then are rows for the table (``rows``) and nothing else.
    """

    message: Message
    readings: list[Reading] = []
    rows: list[Row] = []
    unclaimed: list[Unclaimed] = []
    rejection: Rejection | None = None
    windows: dict[int, int] = {}
    stated: list[Stated] = []
    timeless: bool = False
    alone: bool = False

    @property
    def plain(self) -> bool:
        """Whether it is nothing but ``rows``."""
        return bool(self.rows)

    @property
    def size(self) -> int:
        """How many rows it brings."""
        return len(self.rows) or len(self.readings) + len(self.unclaimed) + (self.rejection is not None)

    @property
    def taken(self) -> list[Reading]:
        """Its readings, however they are held."""
        return [copied.reading(row) for row in self.rows] or self.readings


def decode(message: Message, known: Sequence[Registration], members: Mapping[int, tuple[Member, ...]]) -> Outcome:
    """``known``: every registration of this gateway and device, past ones too, oldest first.

    Reasons of rejection: ``bad_topic``, ``unregistered_device``, ``unknown_model``, ``decoder_failed``,
    ``out_of_range``, ``not_registered_then``, ``time_not_unique``, ``retained_without_time`` and every reason of
    the device formats (``NotUnderstood``). Nothing else is raised, and no reason or detail holds a health value.
    """
    begun = [registration for registration in known if registration.valid_from <= message.received_at]
    problems: list[NotUnderstood] = []
    try:
        samples = _samples(message, begun)
    except NotUnderstood as fault:
        samples = fault.understood
        problems.append(fault)
    else:
        if rows := plain(samples, begun, message.received_at):
            return Outcome(message, rows=rows)
    outcome = _carefully(message, samples, begun, members=members, problems=problems)
    if problems:
        outcome.rejection = rejected(message, problems[0].reason, _told(problems))
    return outcome


def plain(samples: Sequence[Sample], begun: Sequence[Registration], arrival: datetime) -> list[Row] | None:
    """The rows, if nothing needs care, as of nearly every message: one person's device, every sample plausible and
    with a plausible time of its own, no two of one metric at one time. Else None.

    The careful way comes to the same (tested) in several times the time.
    """
    if len(begun) != 1 or begun[0].person_id is None or begun[0].valid_to is not None:
        return None
    person_id, source_id = begun[0].person_id, begun[0].source_id
    received = copied.moment_of(arrival)
    place, oldest = copied.place(received), min(placing.OLDEST, arrival - begun[0].valid_from)
    rows: list[Row] = []
    zone, here, offset, of, last, rising = None, arrival, 0, "", 0, True
    low, high = _NEVER
    for sample in samples:
        metric, value, at, seconds, flags, device_at, gateway_at = astuple(sample)
        if at is None or flags & _NO_TIME or device_at or gateway_at or not 0 <= seconds <= LONGEST_SECONDS:
            return None
        if at.tzinfo is not zone:
            zone = at.tzinfo
            if type(zone) is not timezone:
                return None
            here, offset = arrival.astimezone(zone), _minutes(zone)
        if metric is not of:
            of, (low, high) = metric, _BOUNDS.get(metric, _NEVER)
        age = here - at  # within one fixed offset, which is much faster than between two
        if not (_EARLIEST <= age <= oldest and low <= value <= high):
            return None
        moment = received - (age.days * 86_400 + age.seconds) * 1_000_000 - age.microseconds
        rising = rising and moment > last
        last = moment
        rows.append((person_id, metric, moment, source_id, place, value, seconds, flags, received, offset))
    return rows if rising or len({row[1:3] for row in rows}) == len(rows) else None


@lru_cache(maxsize=64)
def _minutes(zone: timezone) -> int:
    return placing.offset_minutes(datetime(2000, 1, 1, tzinfo=zone))


def _carefully(
    message: Message,
    samples: Sequence[Sample],
    begun: Sequence[Registration],
    *,
    members: Mapping[int, tuple[Member, ...]],
    problems: list[NotUnderstood],
) -> Outcome:
    outcome = Outcome(message)
    taken: dict[tuple[str, datetime], float] = {}
    for measurement in _measurements(samples):
        try:
            _place(outcome, measurement, begun, members=members, taken=taken)
        except NotUnderstood as fault:
            problems.append(fault)
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
    person_id = placing.owner(registration, members, moment)
    outcome.alone |= person_id is not None and registration.household_id is not None
    for sample, (at, flag) in zip(measurement, times, strict=True):
        flags, offset = sample.flags | flag, placing.offset_minutes(at)
        row = (sample.metric, at, registration.source_id, sample.value, sample.seconds, flags, arrival, offset)
        if person_id is not None:
            outcome.readings.append(Reading(person_id, *row))
        elif registration.household_id is not None:
            outcome.unclaimed.append(Unclaimed(registration.household_id, *row))
        if flags & _NO_TIME:
            outcome.timeless = True
            outcome.windows[registration.source_id] = models()[registration.model].repeats_seconds
        _state(outcome, sample, row)


def _state(outcome: Outcome, sample: Sample, row: tuple[str, datetime, int, float, int, int, datetime, int]) -> None:
    """Note the device's clock where it is not the reading's time, and the gateway's."""
    metric, at, source_id = row[:3]
    device_at = sample.at if row[5] & _REPLACED and sample.device_at is None else sample.device_at
    if device_at is not None or sample.gateway_at is not None:
        outcome.stated.append((source_id, metric, at, device_at, sample.gateway_at))


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


def rejected(message: Message, reason: str, detail: str) -> Rejection:
    """The message, kept whole with the reason why it is refused."""
    where = address(message.topic)
    return Rejection(
        origin=message.topic.replace("\0", ""),  # PostgreSQL's text has no NUL
        reason=reason,
        detail=detail,
        raw=message.payload,
        received_at=message.received_at,
        gateway_id=where[0].replace("\0", "") if where else None,
        device=where[1].replace("\0", "") if where else None,
        retained=message.retained,
    )


def _told(problems: Sequence[NotUnderstood]) -> str:
    details = list(dict.fromkeys(str(problem) for problem in problems[1:6]))
    return "; ".join([problems[0].detail, *details])
