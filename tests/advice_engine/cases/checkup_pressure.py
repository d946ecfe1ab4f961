from datetime import date

from advice_person import Case, examined, having, week

YEARS_AGO = date(2020, 4, 4)

CASES = (
    Case(
        "with glucose in the referral range, years ago",
        examined(76, YEARS_AGO, office_bp_sys=149, office_bp_dia=90, hba1c=7.0),
        True,
        ("2020年4月4日", "149/90 mmHg", "血糖", "6年7か月", "診てもらいましたか"),
    ),
    Case("at the edge", examined(office_bp_sys=140, office_bp_dia=80, egfr=59), True, ("腎臓",)),
    Case("at the edge, below", examined(office_bp_sys=139, office_bp_dia=89, hba1c=7.0), False),
    Case("stroke before", examined(office_bp_sys=120, office_bp_dia=90, q_stroke=1), True, ("心臓や脳",)),
    Case("a recorded heart condition", having(examined(office_bp_sys=142), conditions=frozenset({"I48.9"})), True),
    Case(
        "clustered: male, 65, lipids",
        examined(65, office_bp_sys=145, office_bp_dia=80, ldl=140),
        True,
        ("年齢、脂質のことも",),
        ("たばこ",),
    ),
    Case("male and 65 alone", examined(65, office_bp_sys=145, office_bp_dia=80, ldl=139), False),
    Case("no further risk", examined(office_bp_sys=150, office_bp_dia=92), False),
    Case("160 of years ago", examined(76, YEARS_AGO, office_bp_sys=165, office_bp_dia=90), True),
    Case("160 this year: the red flag says it", examined(office_bp_sys=165, office_bp_dia=90, hba1c=7.0), False),
    Case(
        "160 this year, calm at home",
        having(examined(office_bp_sys=165, office_bp_dia=90), pressures=week(120, 75)),
        True,
        ("落ち着いて",),
    ),
    Case("on treatment", examined(office_bp_sys=149, office_bp_dia=90, hba1c=7.0, q_med_bp=1), False),
)
