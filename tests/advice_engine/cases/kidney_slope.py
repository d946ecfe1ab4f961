from advice_person import Case, over_years

CASES = (
    Case("-5 a year", over_years({"egfr": 80}, {"egfr": 75}, {"egfr": 70}), True, ("80.0", "70.0", "3回")),
    Case("-4.9 a year", over_years({"egfr": 80}, {"egfr": 75}, {"egfr": 70.3}), False),
    Case("two values", over_years({"egfr": 80}, {"egfr": 60}), False),
    Case("above 90", over_years({"egfr": 110}, {"egfr": 102}, {"egfr": 95}), False),
)
