from datetime import date

from advice_person import Case, examined

CASES = (
    Case("HbA1c 6.0", examined(hba1c=6.0), True, ("6.0%", "甘い飲み物")),
    Case("a heart condition: no word on exercise", examined(hba1c=6.0, q_heart=1), True, ("甘い飲み物",), ("歩く",)),
    Case("fasting 110", examined(fpg=110), True),
    Case("at the edge, below", examined(hba1c=5.9, fpg=109), False),
    Case("at the edge, above: a referral says it", examined(hba1c=6.5), False),
    Case("one of the two in the referral range", examined(hba1c=6.2, fpg=126), False),
    Case("on treatment", examined(hba1c=6.2, q_med_glucose=1), False),
    Case("years ago", examined(on=date(2022, 5, 1), hba1c=6.2), False),
)
