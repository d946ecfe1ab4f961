from datetime import date

from advice_person import Case, checkup, examined, having, person

CASES = (
    Case(
        "HbA1c 7.0 years ago",
        examined(76, date(2020, 4, 4), hba1c=7.0),
        True,
        ("7.0%", "6.5%以上", "診てもらいましたか"),
    ),
    Case("at the edge", examined(on=date(2026, 6, 1), hba1c=6.5), True, never=("診てもらいましたか",)),
    Case("at the edge, below", examined(hba1c=6.4, fpg=125), False),
    Case("fasting 126", examined(fpg=126), True, ("126 mg/dL",)),
    Case("casual 126", examined(glucose_casual=126, blood_draw=3), True),
    Case("casual, too soon after the meal", examined(glucose_casual=180, blood_draw=4), False),
    Case("on treatment", examined(hba1c=7.5, q_med_glucose=1), False),
    Case("on treatment by prescription", having(examined(hba1c=7.5), drugs=frozenset({"3961008F1020"})), False),
    Case("a HOT code is no YJ code", having(examined(hba1c=7.5), drugs=frozenset({"396100801"})), True),
    Case("a newer value is fine", person(checkups=(checkup(hba1c=5.5), checkup(date(2024, 5, 1), 2, fpg=140))), False),
)
