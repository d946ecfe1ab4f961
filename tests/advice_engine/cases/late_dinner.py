from advice_person import Case, back, examined

CASES = (
    Case("late", examined(q_late_dinner=1), True, ("30分早く",)),
    Case("answered two years ago, at the edge", examined(55, back(730), q_late_dinner=1), True),
    Case("answered longer ago", examined(55, back(731), q_late_dinner=1), False),
    Case("not late", examined(q_late_dinner=2), False),
)
