from advice_person import Case, examined, over_years

CASES = (
    Case("85 at the line", examined(waist=85, bmi=23), True, ("85.0 cm", "週に1回"), ("BMI 23",)),
    Case("just below both", examined(waist=84.9, bmi=24.9), False),
    Case("BMI 25 alone", examined(waist=80, bmi=25.0), True, ("BMI",)),
    Case("a woman's own line", examined(sex="female", waist=89.9, bmi=22), False),
    Case("75 and older", examined(75, waist=95, bmi=27), False),
    Case("35 is a clinic's matter", examined(waist=110, bmi=35), False),
    Case("moved since last year", over_years({"waist": 92}, {"waist": 86}), True, ("92.0 cmから下がって",)),
    Case("a doctor decides", examined(waist=90, q_kidney=1), True, ("医療機関",), ("週に1回",)),
)
