"""The civil day of the city: a fixed +09:00 offset (Japan has had no daylight saving time since 1952)."""

from datetime import date, datetime, time, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")


def civil_day(at: datetime) -> date:
    """The Japanese calendar day that an aware moment falls on."""
    return at.astimezone(JST).date()


def day_start(day: date) -> datetime:
    """The first moment of a civil day."""
    return datetime.combine(day, time(), JST)


def fiscal_year_end(day: date) -> date:
    """The 31 March that closes the fiscal year of ``day`` (特定健診 counts ages at this day)."""
    return date(day.year + (day.month > 3), 3, 31)


def age_on(birth_date: date, day: date) -> int:
    """Completed years of life on ``day``."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
