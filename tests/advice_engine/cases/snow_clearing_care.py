from advice_person import Case, daily, examined, having, person, week
from other_days import JANUARY, JULY, on

CASES = (
    Case("160/90 at home", on(JANUARY, person(pressures=week(160, 90))), True, ("市の除雪の相談", "119番")),
    Case("159/99 at home, at the edge", on(JANUARY, person(pressures=week(159, 99))), False),
    Case("100 below", on(JANUARY, person(pressures=week(150, 100))), True),
    Case("160 at the checkup", on(JANUARY, examined(office_bp_sys=160, office_bp_dia=80)), True),
    Case(
        "160 at the checkup, calm at home",
        on(JANUARY, having(examined(office_bp_sys=160, office_bp_dia=80), pressures=week(128, 78))),
        False,
    ),
    Case("heart", on(JANUARY, examined(q_heart=1)), True),
    Case("fever yesterday", on(JANUARY, person(days={"temperature": daily([37.5], newest=1)})), True),
    Case("37.4 yesterday", on(JANUARY, person(days={"temperature": daily([37.4], newest=1)})), False),
    Case("fever two days ago", on(JANUARY, person(days={"temperature": daily([38.5], newest=2)})), False),
    Case("75 with anything known", on(JANUARY, person(75, pressures=week(120, 70))), True, ("市の除雪の相談",)),
    Case("74", on(JANUARY, person(74, pressures=week(120, 70))), False),
    Case("in July", on(JULY, person(pressures=week(160, 90))), False),
)
