from datetime import date

from advice_person import Case, daily, person
from other_days import JANUARY, on


def winter(before: float, now: float, day: date = JANUARY, age: int = 70):
    """On 20 January: 30 days in November and earlier, then the last two weeks."""
    return on(day, person(age, days={"steps": (*daily([before] * 30, newest=60), *daily([now] * 14, newest=1))}))


CASES = (
    Case("6,000 to 4,300", winter(6000, 4300), True, ("6,000歩", "4,300歩", "10分", "廊下")),
    Case("at the edge: 15 % and 800", winter(6000, 5100), True),
    Case("fallen by less", winter(6000, 5200), False),
    Case("800 is the least", winter(4000, 3300), False),
    Case("in November there is no snow season", winter(6000, 4300, date(2026, 11, 21)), False),
    Case("on 1 December nothing but autumn is known", winter(6000, 6000, date(2026, 12, 1)), False),
    Case(
        "nothing known from before the snow", on(JANUARY, person(days={"steps": daily([3000] * 14, newest=1)})), False
    ),
    Case("a child", winter(6000, 4300, age=12), False),
)
