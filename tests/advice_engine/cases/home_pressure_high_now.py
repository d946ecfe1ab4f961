from advice_person import Case, person, week

CASES = (
    Case("160", person(pressures=week(160, 80)), True, ("今日か明日", "160/80 mmHg")),
    Case("lower number alone", person(pressures=week(130, 100)), True),
    Case("at the edge, below", person(pressures=week(159, 99)), False),
    Case("four days only", person(pressures=week(170, 105, days=4)), False),
)
