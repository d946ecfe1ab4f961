from advice_person import Case, daily, person


def fallen(before: float, now: float, days: int = 7):
    return person(days={"steps": daily([before] * 28 + [now] * days, newest=1)})


CASES = (
    Case("from 9,000 to 6,000", fallen(9000, 6000), True, ("6,000歩", "9,000歩", "体の調子")),
    Case("at the edge", fallen(6000, 4200), True),
    Case("at the edge, just less", fallen(6000, 4300), False),
    Case("a small number of steps", fallen(2000, 1000), False),
    Case("three days only", person(days={"steps": daily([9000] * 28, newest=8) + daily([3000] * 3, newest=1)}), False),
)
