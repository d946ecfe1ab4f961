from advice_person import Case, examined

CASES = (
    Case("HbA1c at the line", examined(hba1c=5.6), True, ("5.6%以上",)),
    Case("just below", examined(hba1c=5.5, fpg=99), False),
    Case("the referral says it", examined(hba1c=6.5), False),
    Case("on treatment", examined(hba1c=6.2, q_med_glucose=1), True, ("今までどおり",), ("甘くない",)),
    Case("casual only where no fasting one exists", examined(fpg=95, glucose_casual=110), False),
)
