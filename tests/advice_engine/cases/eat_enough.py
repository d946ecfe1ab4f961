from advice_person import Case, examined, having

CASES = (
    Case("21.4 at 65", examined(65, bmi=21.4), True, ("21.4", "卵", "約60 g"), ("納豆",)),
    Case("at the edge", examined(65, bmi=21.5), False),
    Case("at 64", examined(64, bmi=19.0), False),
    Case("kidney signs", examined(70, bmi=20.0, egfr=55), False),
    Case("a recorded kidney condition", having(examined(70, bmi=20.0), conditions=frozenset({"N18.3"})), False),
)
