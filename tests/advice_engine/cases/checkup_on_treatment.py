from datetime import date

from advice_person import Case, checkup, examined, having, person, week

TWO_DAYS = person(
    checkups=(
        checkup(number=2, q_med_bp=1, office_bp_sys=150),
        checkup(date(2025, 12, 1), 1, q_med_glucose=1, hba1c=7.0),
    )
)

CASES = (
    Case("pressure", examined(q_med_bp=1, office_bp_sys=140, office_bp_dia=80), True, ("今までどおり", "主治医")),
    Case(
        "160: the red flag says not to wait for the next visit",
        examined(q_med_bp=1, office_bp_sys=160, office_bp_dia=80, q_med_lipid=1, ldl=150),
        True,
        ("治療中の脂質",),
        ("血圧",),
    ),
    Case(
        "160, calm at home",
        having(examined(q_med_bp=1, office_bp_sys=160), pressures=week(120, 75)),
        True,
        ("治療中の血圧",),
    ),
    Case("glucose", examined(q_med_glucose=1, hba1c=6.5), True, ("治療中の血糖",)),
    Case("casual glucose", examined(q_med_glucose=1, glucose_casual=210, blood_draw=3), True, ("治療中の血糖",)),
    Case("non-HDL alone", examined(q_med_lipid=1, non_hdl=170), True, ("治療中の脂質",)),
    Case("a day's words are of that day", TWO_DAYS, True, ("2026年5月20日", "治療中の血圧"), ("血糖",)),
    Case("lipids", examined(q_med_lipid=1, ldl=150), True),
    Case("at the edge, below", examined(q_med_bp=1, office_bp_sys=139, office_bp_dia=89), False),
    Case("treated for something else", examined(q_med_lipid=1, office_bp_sys=150), False),
    Case("found by the insurer later", examined(recheck_med_bp=2, office_bp_sys=150), True),
    Case("not on treatment", examined(q_med_bp=2, office_bp_sys=150), False),
    Case("years ago", examined(on=date(2023, 5, 1), q_med_bp=1, office_bp_sys=150), False),
)
