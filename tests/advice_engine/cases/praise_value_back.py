from advice_person import Case, over_years

CASES = (
    Case("LDL 160 to 115", over_years({"ldl": 160}, {"ldl": 115}), True, ("115 mg/dL", "160 mg/dLから下がって")),
    Case("within the noise", over_years({"ldl": 125}, {"ldl": 115}), False),
    Case("not yet within", over_years({"ldl": 170}, {"ldl": 120}), False),
)
