from advice_person import Case, having, over_years

SKIPPED, EATS = {"q_skip_breakfast": 1}, {"q_skip_breakfast": 2}

CASES = (
    Case("eats now", over_years(SKIPPED, EATS, age=28), True, ("2025年5月20日", "続いて")),
    Case("ate before too", over_years(EATS, EATS), False),
    Case("still skips", over_years(SKIPPED, SKIPPED), False),
    Case("one answer only", over_years(EATS), False),
    Case("at the edge: the answer just before counts", over_years(SKIPPED, EATS, EATS), False),
    Case("food is left to a doctor", having(over_years(SKIPPED, EATS), conditions=frozenset({"O09.9"})), False),
)
