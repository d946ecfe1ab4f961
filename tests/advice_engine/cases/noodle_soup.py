from advice_person import Case, examined

CASES = (
    Case("late dinners", examined(office_bp_sys=132, q_late_dinner=1), True, ("ラーメンの汁", "約2.2 g")),
    Case("drinks on three days", examined(office_bp_sys=132, q_drink_frequency=3), True, ("お酒のあと",)),
    Case("drinks less often", examined(office_bp_sys=132, q_drink_frequency=4), False),
    Case("pressure at the edge", examined(office_bp_sys=129, q_late_dinner=1), False),
    Case("at 75", examined(75, office_bp_sys=132, q_late_dinner=1), False),
    Case("no pressure known", examined(q_late_dinner=1), False),
)
