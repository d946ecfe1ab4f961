from advice_person import Case, examined, having

DAILY = {"q_snack": 1, "bmi": 25.0}

CASES = (
    Case("daily, BMI 25", examined(**DAILY), True, ("コーラ500 mLは約230 kcal",)),
    Case("at the edge", examined(**(DAILY | {"bmi": 24.9})), False),
    Case("sometimes", examined(**(DAILY | {"q_snack": 2})), False),
    Case("BMI not known", examined(q_snack=1), False),
    Case("at 75", examined(75, **DAILY), False),
    Case("pregnant", having(examined(30, sex="female", **DAILY), conditions=frozenset({"O09.9"})), False),
)
