from advice_person import Case, checkup, daily, examined, having

HEAVY = {"height": 170.0, "bmi": 28.4}


def weighing(start: float, end: float):
    days = daily([start] * 106 + [end] * 14)
    return having(examined(45, **HEAVY), days={"weight": days}, checkups=(checkup(height=170.0),))


CASES = (
    Case(
        "28.4: 3 % in half a year",
        examined(45, **HEAVY),
        True,
        ("約2.5 kg", "約100 kcal", "半年"),
        ("エネルギーの目安",),
    ),
    Case("activity known: a whole day", examined(45, **HEAVY, q_walking=2), True, ("約2,350 kcal",)),
    Case("more active", examined(45, **HEAVY, q_walking=1), True, ("約2,800 kcal",)),
    Case("at the edge, 24.9", examined(45, height=170.0, bmi=24.9), False),
    Case("35: a clinician", examined(45, height=170.0, bmi=35.0), False),
    Case("at 75", examined(75, **HEAVY), False),
    Case("at 17", examined(17, **HEAVY), False),
    Case("cancer care", having(examined(45, **HEAVY), conditions=frozenset({"C50.9"})), False),
    Case("pregnant", having(examined(30, sex="female", **HEAVY), conditions=frozenset({"O09.9"})), False),
    Case("already losing by itself", weighing(90, 88.5), False),
    Case("steady", weighing(88.5, 88.5), True, ("30.6",)),
    Case("no height", examined(45, bmi=28.4), False),
)
