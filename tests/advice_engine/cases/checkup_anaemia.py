from advice_person import Case, examined

CASES = (
    Case("man 12.0", examined(hemoglobin=12.0), True, ("12.0 g/dL",)),
    Case("man 12.1", examined(hemoglobin=12.1), False),
    Case("woman 11.0", examined(sex="female", hemoglobin=11.0), True),
    Case("woman 11.1", examined(sex="female", hemoglobin=11.1), False),
    Case("sex unknown: the lower line", examined(sex="unknown", hemoglobin=11.5), False),
)
