from advice_person import Case, measured, person

CASES = (
    Case(
        "two days",
        person(pressures=(measured(120, 70, ago=5, flags=16), measured(120, 70, flags=16))),
        True,
        ("2日", "内科"),
        ("心房",),
    ),
    Case(
        "twice on one day", person(pressures=(measured(120, 70, flags=16), measured(120, 70, hour=21, flags=16))), False
    ),
    Case(
        "two days, one of them too long ago",
        person(pressures=(measured(1, 1, ago=14, flags=16), measured(120, 70, flags=16))),
        False,
    ),
    Case("no mark", person(pressures=(measured(120, 70, ago=1), measured(120, 70))), False),
)
