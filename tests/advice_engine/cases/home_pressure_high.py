from advice_person import Case, measured, person, week

MORNINGS = tuple(measured(140, 80, ago=ago) for ago in range(5))
EVENINGS = tuple(measured(129, 80, ago=ago, hour=21) for ago in range(5) for _ in range(3))

CASES = (
    Case("135", person(pressures=week(135, 80)), True, ("1か月のうち", "135/80 mmHg")),
    Case("85", person(pressures=week(120, 85)), True),
    Case("at the edge, below", person(pressures=week(134, 84)), False),
    Case("five days are enough", person(pressures=week(136, 80, days=5)), True, ("5日分",)),
    Case("four days are not", person(pressures=week(136, 80, days=4)), False),
    Case("three evening readings weigh as much as one in the morning", person(pressures=MORNINGS + EVENINGS), True),
    Case("higher: another rule says it", person(pressures=week(145, 80)), False),
)
