from datetime import date

from advice_person import Case, examined, having, week

HIGH = examined(office_bp_sys=160, office_bp_dia=90)

CASES = (
    Case("160", HIGH, True, ("160/90 mmHg", "数日のうち")),
    Case("100", examined(office_bp_sys=130, office_bp_dia=100), True),
    Case("at the edge, below", examined(office_bp_sys=159, office_bp_dia=99), False),
    Case(
        "on treatment", examined(office_bp_sys=165, office_bp_dia=90, q_med_bp=1), True, ("今までどおり続け", "主治医")
    ),
    Case("more than a year ago", examined(on=date(2025, 11, 20), office_bp_sys=165, office_bp_dia=102), False),
    Case("calm at home", having(HIGH, pressures=week(120, 75)), False),
    Case("not calm at home", having(HIGH, pressures=week(136, 75)), True),
)
