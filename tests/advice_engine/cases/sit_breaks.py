from advice_person import Case, daily, examined, having, person


def walks(steps: float, age: int = 55):
    return person(age, days={"steps": daily([steps] * 7, newest=1)})


CASES = (
    Case("3,900 at 55", walks(3900), True, ("30分に1回", "かかとを10回")),
    Case("4,000, at the edge", walks(4000), False),
    Case("2,900 at 65", walks(2900, 65), True),
    Case("3,000 at 65", walks(3000, 65), False),
    Case("answered that it is less than an hour", examined(q_walking=2), True, ("1日1時間より短い",)),
    Case("answered, but walks now", having(examined(q_walking=2), days=walks(6000).days), False),
    Case("walks an hour", examined(q_walking=1), False),
    Case("a child", walks(2000, 12), False),
)
