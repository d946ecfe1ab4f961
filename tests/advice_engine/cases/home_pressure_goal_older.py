from advice_person import Case, examined, having, week

CASES = (
    Case(
        "75 on treatment",
        having(examined(75, q_med_bp=1), pressures=week(128, 78)),
        True,
        ("主治医と決める",),
        ("125/75",),
    ),
    Case("74", having(examined(74, q_med_bp=1), pressures=week(128, 78)), False),
    Case("below", having(examined(80, q_med_bp=1), pressures=week(124, 74)), False),
)
