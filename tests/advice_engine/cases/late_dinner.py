from advice_person import Case, examined

CASES = (
    Case("late", examined(q_late_dinner=1), True, ("30分早く",)),
    Case("not late", examined(q_late_dinner=2), False),
)
