from advice_person import Case, examined

CASES = (
    Case("two meals", examined(78, q75_meals=2), True, ("焼きおにぎり", "地域包括支援センター")),
    Case("three meals", examined(78, q75_meals=1), False),
    Case("at the edge", examined(75, q75_meals=2), True),
    Case("at 74", examined(74, q75_meals=2), False),
    Case("kidney signs", examined(78, q75_meals=2, egfr=50), True, ("おにぎり", "指示"), ("卵", "豆腐", "チーズ")),
)
