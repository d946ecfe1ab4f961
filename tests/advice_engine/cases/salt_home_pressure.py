from advice_person import Case, checkup, having, person, week

CASES = (
    Case(
        "125",
        person(pressures=week(125, 70)),
        True,
        ("みそ汁", "7.5g", "約1.4 g", "約1.0 g", "約0.9 g"),
        ("カリウム", "果物", "野菜を"),
    ),
    Case("75", having(person(pressures=week(115, 75)), sex="female"), True, ("6.5g",)),
    Case("at the edge, below", person(pressures=week(124, 74)), False),
    Case("in the hypertension range: 6 g", person(pressures=week(135, 80)), True, ("1日6g未満",)),
    Case("160: a doctor first", person(pressures=week(160, 80)), False),
    Case(
        "kidney signs: nothing on vegetables",
        having(person(pressures=week(128, 70)), checkups=(checkup(egfr=50),)),
        True,
        ("みそ汁",),
        ("具だくさん",),
    ),
    Case("four days only", person(pressures=week(130, 80, days=4)), False),
)
