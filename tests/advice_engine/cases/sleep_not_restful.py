from advice_person import Case, daily, examined, having


def sleeps(minutes: float, nights: int = 7, **answers: float):
    return having(examined(**answers), days={"sleep": daily([minutes] * nights)})


CASES = (
    Case("7 h and not rested", sleeps(420, q_sleep_rest=2), True, ("7時間", "午後3時", "700 mL", "いびき")),
    Case("6 h, at the edge", sleeps(360, q_sleep_rest=2), True),
    Case("shorter: another rule", sleeps(359, q_sleep_rest=2), False),
    Case("rested", sleeps(420, q_sleep_rest=1), False),
    Case("no device", examined(q_sleep_rest=2), False),
    Case(
        "where a doctor decides on food, no word on how much coffee",
        sleeps(420, q_sleep_rest=2, q_kidney=1),
        True,
        (),
        ("700",),
    ),
)
