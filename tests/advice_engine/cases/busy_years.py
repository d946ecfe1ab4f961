from advice_person import Case, daily, examined, having

NEITHER = {"q_exercise": 2, "q_walking": 2}
CASES = (
    Case("45", examined(45, **NEITHER), True, ("週に3日", "2階まで", "1,000歩")),
    Case("40", examined(40, **NEITHER), True),
    Case("39", examined(39, **NEITHER), False),
    Case("59", examined(59, **NEITHER), True),
    Case("60", examined(60, **NEITHER), False),
    Case("exercises", examined(45, q_exercise=1, q_walking=2), False),
    Case("walks", examined(45, q_exercise=2, q_walking=1), False),
    Case("reaches the guide now", having(examined(45, **NEITHER), days={"steps": daily([8000] * 14, newest=1)}), False),
    Case("just below it", having(examined(45, **NEITHER), days={"steps": daily([7900] * 14, newest=1)}), True),
)
