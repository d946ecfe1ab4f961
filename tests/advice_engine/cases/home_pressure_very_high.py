from advice_person import Case, measured, person

CASES = (
    Case("twice", person(pressures=(measured(182, 95, ago=1), measured(150, 112))), True, ("今日のうちに", "2回")),
    Case("twice within a minute", person(pressures=(measured(182, 95), measured(181, 95))), True, ("2回",)),
    Case(
        "once, then measured again and barely lower",
        person(pressures=(measured(184, 112), measured(178, 108, hour=8))),
        True,
        ("今日のうちに", "160以上"),
    ),
    Case("once, then at the edge, below", person(pressures=(measured(184, 112), measured(159, 99, hour=8))), False),
    Case("at the edge, below", person(pressures=(measured(179, 109), measured(179, 109, hour=8))), False),
    Case("once, and it is the newest", person(pressures=(measured(180, 90),)), False),
    Case("four days ago", person(pressures=(measured(190, 110, ago=4), measured(190, 110, ago=4, hour=8))), False),
    Case(
        "the cuff sat loose",
        person(pressures=(measured(190, 115, flags=8), measured(190, 115, hour=8, flags=4))),
        False,
    ),
)
