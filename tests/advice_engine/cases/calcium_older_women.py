from datetime import date

from advice_person import Case, examined

CASES = (
    Case("70, kidneys measured", examined(70, sex="female", egfr=70), True, ("650 mg", "牛乳", "9 µg")),
    Case("75", examined(75, sex="female", egfr=70), True, ("600 mg",)),
    Case("at the edge", examined(65, sex="female", egfr=60), True),
    Case("at 64", examined(64, sex="female", egfr=70), False),
    Case("a man", examined(70, egfr=70), False),
    Case("kidneys not measured", examined(70, sex="female", bmi=22), False),
    Case("measured more than two years ago", examined(70, date(2024, 11, 20), "female", egfr=70), False),
    Case("eGFR 59", examined(70, sex="female", egfr=59), False),
)
