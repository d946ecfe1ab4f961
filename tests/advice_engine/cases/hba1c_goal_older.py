from advice_person import Case, examined

CASES = (
    Case("65 on treatment", examined(65, hba1c=7.2, q_med_glucose=1), True, ("わたしの目標",), ("8.0", "7.0%")),
    Case("64 on treatment", examined(64, hba1c=7.2, q_med_glucose=1), False),
    Case("not on treatment", examined(70, hba1c=6.2), False),
)
