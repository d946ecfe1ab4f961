from datetime import date

from advice_person import Case, daily, person
from other_days import JANUARY, on


def winter(before: float, now: float, day: date = JANUARY, age: int = 70):
    return on(day, person(age, days={"steps": (*daily([before] * 30, newest=60), *daily([now] * 28, newest=1))}))


def fell(before: float, lately: float):
    """Two good weeks, then two with fewer steps; the four weeks' middle day is still a good one."""
    days = (*daily([before] * 30, newest=60), *daily([before] * 15, newest=14), *daily([lately] * 13, newest=1))
    return on(JANUARY, person(70, days={"steps": days}))


GAP = (*daily([6000] * 30, newest=60), *daily([6000] * 20, newest=9))


CASES = (
    Case("6,000 stayed 5,900", winter(6000, 5900), True, ("6,000歩", "5,900歩")),
    Case("95 %, at the edge", winter(6000, 5700), True),
    Case("less", winter(6000, 5600), False),
    Case("hardly walked before", winter(1900, 1900), False),
    Case("20 December is too early to say", winter(6000, 6000, date(2026, 12, 20)), False),
    Case("in November", winter(6000, 6000, date(2026, 11, 21)), False),
    Case("a child", winter(6000, 6000, age=12), False),
    Case("the last two weeks fell: no praise beside the word on steps", fell(6000, 4800), False),
    Case("measured on six of the last fourteen days", on(JANUARY, person(70, days={"steps": GAP})), False),
)
