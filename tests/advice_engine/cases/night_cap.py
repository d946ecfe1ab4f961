from advice_person import Case, daily, examined, having

CASES = (
    Case(
        "daily, not rested",
        examined(q_drink_frequency=1, q_drink_amount=2, q_sleep_rest=2),
        True,
        ("週に2日", "3時間前"),
    ),
    Case("daily and much: the rule on alcohol", examined(q_drink_frequency=1, q_drink_amount=3, q_sleep_rest=2), False),
    Case("five days a week, at the edge", examined(q_drink_frequency=2, q_sleep_rest=2), True),
    Case("three days a week", examined(q_drink_frequency=3, q_sleep_rest=2), False),
    Case("daily, rested", examined(q_drink_frequency=1, q_sleep_rest=1), False),
    Case(
        "daily, short by the device",
        having(examined(q_drink_frequency=1, q_sleep_rest=1), days={"sleep": daily([350] * 7)}),
        True,
        ("週に2日",),
    ),
    Case(
        "pregnant: her doctor",
        having(examined(30, q_drink_frequency=1, q_sleep_rest=2), conditions=frozenset({"O26.9"})),
        False,
    ),
    Case("19", examined(19, q_drink_frequency=1, q_sleep_rest=2), False),
)
