from advice_person import Case, person, week

CASES = (
    Case("145", person(pressures=week(145, 80)), True, ("1〜2週間", "145/80 mmHg")),
    Case("90", person(pressures=week(130, 90)), True),
    Case("at the edge, below", person(pressures=week(144, 89)), False),
    Case("higher: another rule says it", person(pressures=week(160, 90)), False),
    Case("four days only", person(pressures=week(150, 92, days=4)), False),
)
