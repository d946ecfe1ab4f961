from advice_person import Case, examined

CASES = (
    Case("21.4 at 65", examined(65, bmi=21.4), True, ("ヨーグルト", "たんぱく質約")),
    Case("at the edge", examined(65, bmi=21.5), False),
    Case("at 64", examined(64, bmi=19.0), False),
    Case("kidney signs", examined(70, bmi=20.0, egfr=55), False),
    Case("chokes: a doctor first", examined(80, bmi=20.0, q75_chokes=1), False),
    Case("glucose", examined(70, bmi=20.0, hba1c=6.5), False),
    Case("sex not known: no row of the table", examined(70, sex="unknown", bmi=20.0), False),
)
