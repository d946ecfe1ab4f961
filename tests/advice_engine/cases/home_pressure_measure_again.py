from advice_person import Case, measured, person

CASES = (
    Case(
        "once, and it is the newest",
        person(pressures=(measured(140, 80, ago=1), measured(180, 90))),
        True,
        ("もう一度",),
    ),
    Case("110 below a calm systolic", person(pressures=(measured(150, 110),)), True),
    Case("late yesterday", person(pressures=(measured(182, 95, ago=1, hour=23),)), True, ("2026年11月20日",)),
    Case("two days ago", person(pressures=(measured(182, 95, ago=2, hour=23),)), False),
    Case("at the edge, below", person(pressures=(measured(179, 109),)), False),
    Case(
        "once, then measured again and lower", person(pressures=(measured(185, 90), measured(150, 85, hour=8))), False
    ),
    Case("twice: the graver rule says it", person(pressures=(measured(185, 90), measured(182, 85, hour=8))), False),
)
