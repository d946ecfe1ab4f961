from advice_person import Case, daily, person, week

CASES = (
    Case("weight on five days", person(days={"weight": daily([60.0] * 5)}), True, ("体重を5日",), ("血圧",)),
    Case("four days, at the edge", person(days={"weight": daily([60.0] * 4)}), False),
    Case("pressure on five days", person(pressures=week(120, 70, days=5)), True, ("血圧を5日",)),
)
