from advice_person import Case, daily, measured, person

CASES = (
    Case("weighed every day", person(days={"weight": daily([60] * 28)}), True, ("体重を、4週間",)),
    Case("every second day, at the edge", person(days={"weight": daily([60] * 14, every=2)}), True),
    Case("every third day", person(days={"weight": daily([60] * 10, every=3)}), False),
    Case("three weeks only", person(days={"weight": daily([60] * 21)}), False),
    Case(
        "pressure", person(pressures=tuple(measured(120, 70, ago=day) for day in range(28))), True, ("血圧を、4週間",)
    ),
    Case(
        "a week without",
        person(days={"weight": (*daily([60] * 14, newest=14), *daily([60] * 7))}),
        False,
    ),
)
