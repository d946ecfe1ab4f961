from datetime import date

from advice_person import Case, examined

CASES = (
    Case("LDL 120", examined(ldl=120), True, ("押麦", "22 g以上", "約2.2 g", "約3.5 g")),
    Case("a woman's line", examined(70, sex="female", hba1c=5.8), True, ("18 g以上",)),
    Case("at the edge", examined(ldl=119), False),
    Case("at the referral line: the doctor", examined(ldl=140), False),
    Case("kidney signs", examined(ldl=125, egfr=50), False),
    Case("more than two years ago", examined(55, date(2024, 11, 20), ldl=125), False),
    Case("sex not known", examined(sex="unknown", ldl=125), False),
    Case("thin at 78: nothing that fills without feeding", examined(78, ldl=125, bmi=21.4), False),
    Case("21.5 at 78, at the edge", examined(78, ldl=125, bmi=21.5), True),
)
