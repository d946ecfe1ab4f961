from datetime import date

from advice_person import Case, daily, person
from other_days import JANUARY, on


def winter(before: float, now: float, day: date = JANUARY, age: int = 70):
    return on(day, person(age, days={"steps": (*daily([before] * 30, newest=60), *daily([now] * 28, newest=1))}))


CASES = (
    Case("6,000 stayed 5,900", winter(6000, 5900), True, ("6,000歩", "5,900歩")),
    Case("95 %, at the edge", winter(6000, 5700), True),
    Case("less", winter(6000, 5600), False),
    Case("hardly walked before", winter(1900, 1900), False),
    Case("20 December is too early to say", winter(6000, 6000, date(2026, 12, 20)), False),
    Case("in November", winter(6000, 6000, date(2026, 11, 21)), False),
    Case("a child", winter(6000, 6000, age=12), False),
)
