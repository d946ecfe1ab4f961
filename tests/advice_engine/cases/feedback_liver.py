from advice_person import Case, examined

CASES = (
    Case("γ-GT at the line", examined(ggt=51), True, ("51 U/L以上", "飲まない日")),
    Case("just below", examined(ggt=50, ast=30), False),
    Case("the referral says it", examined(ggt=101), False),
    Case("under 20", examined(19, ggt=60), False),
)
