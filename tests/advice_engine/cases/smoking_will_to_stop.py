from advice_person import Case, back, examined

CASES = (
    Case("smokes, wants to within a month", examined(q_smoking=1, q_will=3), True, ("禁煙外来", "12週間", "30分")),
    Case("within six months, at the edge", examined(q_smoking=1, q_will=2), True),
    Case("does not want to", examined(q_smoking=1, q_will=1), False),
    Case("does not smoke", examined(q_smoking=3, q_will=3), False),
    Case("long ago", examined(55, back(731), q_smoking=1, q_will=3), False),
)
