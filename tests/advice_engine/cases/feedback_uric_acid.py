from advice_person import Case, examined

CASES = (
    Case("7.1", examined(uric_acid=7.1), True, ("7.1 mg/dL", "次に内科")),
    Case("at the line", examined(uric_acid=7.0), False),
    Case("8.0", examined(uric_acid=8.0), True, ("1か月のうちに",)),
    Case("a doctor decides on food", examined(uric_acid=7.5, q_kidney=1), True, (), ("お酒",)),
)
