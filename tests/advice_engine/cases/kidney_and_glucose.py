from advice_person import Case, examined, over_years

CASES = (
    Case("HbA1c 6.5 and ±", examined(hba1c=6.5, urine_protein=2), True, ("6.5%", "±")),
    Case("HbA1c 6.4 and ±", examined(hba1c=6.4, urine_protein=2), False),
    Case("on treatment and eGFR 44.9", examined(q_med_glucose=1, egfr=44.9), True, ("今までどおり",)),
    Case("on treatment and eGFR 45", examined(q_med_glucose=1, egfr=45), False),
    Case(
        "below 60 and falling by 5 a year",
        over_years({"egfr": 66}, {"egfr": 60}, {"egfr": 55, "hba1c": 7.0}),
        True,
        ("55.0",),
    ),
)
