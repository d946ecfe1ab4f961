from advice_person import Case, daily, person

CASES = (
    Case("8,000 at 64", person(64, days={"steps": daily([8000] * 5, newest=1)}), True, ("8,000歩",), ("立ち座り",)),
    Case("7,900 at 64", person(64, days={"steps": daily([7900] * 5, newest=1)}), False),
    Case("6,000 at 65", person(65, days={"steps": daily([6000] * 5, newest=1)}), True),
    Case("four days only", person(65, days={"steps": daily([9000] * 4, newest=1)}), False),
)
