from datetime import date

from advice_person import Case, examined, having

CASES = (
    Case("on treatment", examined(hba1c=7.0, q_med_glucose=1), True, ("年に1回", "今までどおり")),
    Case("not on treatment", examined(hba1c=7.0, q_med_glucose=2), False),
    Case("a medicine, and an answer of three years ago", having(examined(on=date(2023, 5, 1), hba1c=7.0)), False),
)
