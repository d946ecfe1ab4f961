from advice_person import Case, daily, person


def walks(before: float, now: float, age: int = 55):
    return person(age, days={"steps": (*daily([before] * 28, newest=15), *daily([now] * 14, newest=1))})


CASES = (
    Case("4,000 to 5,500", walks(4000, 5500), True, ("1,500歩", "15分")),
    Case("1,000 more, at the edge", walks(4000, 5000), True),
    Case("900 more", walks(4000, 4900), False),
    Case("before, it was rather not carried", walks(400, 5000), False),
    Case("two weeks only", person(days={"steps": daily([5000] * 14, newest=1)}), False),
    Case("a child", walks(4000, 5500, 12), False),
)
