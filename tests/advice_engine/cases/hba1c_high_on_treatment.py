from advice_person import Case, examined

CASES = (
    Case("8.0 on treatment", examined(hba1c=8.0, q_med_glucose=1), True, ("今までどおり",)),
    Case("7.9", examined(hba1c=7.9, q_med_glucose=1), False),
    Case("not on treatment", examined(hba1c=9.0), False),
)
