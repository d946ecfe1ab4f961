from advice_person import Case, examined, twice

CASES = (
    Case("80 to 56 in 90 days", twice(80, 56, days=90), True, ("80.0", "56.0", "数日のうちに")),
    Case("80 to 56.1", twice(80, 56.1, days=90), False),
    Case("over a year", twice(80, 50, days=365), False),
    Case("one value", examined(egfr=40), False),
)
