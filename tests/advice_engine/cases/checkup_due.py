from advice_person import Case, back, examined

CASES = (
    Case("401 days", examined(on=back(401), bmi=22), True, ("受診券",)),
    Case("400 days", examined(on=back(400), bmi=22), False),
    Case("39 years", examined(39, on=back(500), bmi=22), False),
)
