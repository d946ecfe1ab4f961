from advice_person import Case, examined

CASES = (
    Case("daily", examined(q_snack=1), True, ("お茶", "約70 kcal")),
    Case("sometimes", examined(q_snack=2), False),
    Case("at 75", examined(75, q_snack=1), False),
    Case("thin at 65", examined(65, q_snack=1, bmi=21.4), False),
    Case("at the edge", examined(65, q_snack=1, bmi=21.5), True),
    Case("21.4 at 64 is not thin", examined(64, q_snack=1, bmi=21.4), True),
)
