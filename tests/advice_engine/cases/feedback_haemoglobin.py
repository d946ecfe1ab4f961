from advice_person import Case, examined, over_years

CASES = (
    Case("13.0 at the line", examined(hemoglobin=13.0), True, ("13.0 g/dL以下",)),
    Case("just above", examined(hemoglobin=13.1), False),
    Case("a woman's own line", examined(sex="female", hemoglobin=12.5), False),
    Case("the referral says it", examined(hemoglobin=12.0), False),
    Case(
        "fallen within the range",
        over_years({"hemoglobin": 15.6}, {"hemoglobin": 13.8}),
        True,
        ("15.6 g/dLから下がって",),
    ),
)
