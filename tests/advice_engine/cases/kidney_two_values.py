from advice_person import Case, over_years, twice

CASES = (
    Case("two below 60", over_years({"egfr": 57}, {"egfr": 55}), True, ("57.0", "55.0", "2回")),
    Case("60 the year before", over_years({"egfr": 60}, {"egfr": 55}), False),
    Case("only 89 days apart", twice(57, 55, days=89), False),
    Case("90 days apart", twice(57, 55, days=90), True),
    Case("the referral says it", over_years({"egfr": 50}, {"egfr": 44}), False),
)
