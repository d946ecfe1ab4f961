"""When phones say something was measured: an instant, or a span that is one of what we keep. Pure.

Rules, the same for Open mHealth and FHIR:

* What is measured in an instant (weight, pressure, glucose, …) may name a span of at most an hour in which it was
  taken; its start is the time. A longer span is a statistic in disguise and is refused.
* Steps and sleep need a span of at most a day. Steps of exactly one civil day (+09:00) are that day's total.
* A date, or a part of a day, is no moment: nothing is guessed from it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from store.clock import civil_day, day_start
from store.model import NotUnderstood, Sample

LONGEST_INSTANT = timedelta(hours=1)
_DAY = timedelta(days=1)
_SPANS = ("steps", "steps_day", "sleep")


def moment(at: datetime) -> datetime:
    """The same moment. Raises NotUnderstood ``time_impossible``."""
    if not 1900 <= at.year <= 2200:
        raise NotUnderstood("time_impossible", "a time that is not in a year that anyone lives in")
    return at


def between(start: datetime, end: datetime) -> timedelta:
    """The length of a span. Raises NotUnderstood ``time_impossible`` when it ends before it begins."""
    length = moment(end) - moment(start)
    if length < timedelta():
        raise NotUnderstood("time_impossible", "a span that ends before it begins")
    return length


def sample(metric: str, value: float, start: datetime, length: timedelta, *, flags: int = 0) -> Sample:
    """One number of a span (``length`` 0: an instant), by the rules above.

    Raises NotUnderstood: ``time_not_exact``, ``interval_missing``, ``interval_too_long``.
    """
    if metric not in _SPANS:
        if length > LONGEST_INSTANT:
            raise NotUnderstood("time_not_exact", f"{metric}: a moment, or a span of at most an hour")
        return Sample(metric, value, start, 0, flags)
    if not length:
        raise NotUnderstood("interval_missing", f"{metric}: of a span with a start and an end")
    if length > _DAY:
        raise NotUnderstood("interval_too_long", f"{metric}: of at most 24 hours, else it can't be told to a day")
    if metric == "steps" and length == _DAY and start == day_start(civil_day(start)):
        metric = "steps_day"
    if metric == "steps_day" and (length != _DAY or start != day_start(civil_day(start))):
        raise NotUnderstood("time_not_exact", "steps_day: of one civil day, midnight to midnight at +09:00")
    return Sample(metric, value, start, round(length.total_seconds()), flags)
