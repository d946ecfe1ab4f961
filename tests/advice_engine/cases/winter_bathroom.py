from advice_person import Case, examined, having, person, week
from other_days import JANUARY, JULY, on

CASES = (
    Case("135/80 at home", on(JANUARY, person(pressures=week(135, 80))), True, ("41度まで", "10分まで", "18度")),
    Case("134/84, at the edge", on(JANUARY, person(pressures=week(134, 84))), False),
    Case("on treatment", on(JANUARY, examined(q_med_bp=1)), True),
    Case("140 at the checkup", on(JANUARY, examined(office_bp_sys=140, office_bp_dia=80)), True),
    Case(
        "140 at the checkup, calm at home",
        on(JANUARY, having(examined(office_bp_sys=140, office_bp_dia=80), pressures=week(120, 70))),
        False,
    ),
    Case("75", on(JANUARY, person(75, pressures=week(120, 70))), True),
    Case("74", on(JANUARY, person(74, pressures=week(120, 70))), False),
    Case("in July", on(JULY, person(pressures=week(150, 80))), False),
)
