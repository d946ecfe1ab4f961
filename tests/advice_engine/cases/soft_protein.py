from advice_person import Case, examined

CASES = (
    Case("hard to chew", examined(70, q_chewing=2), True, ("豆腐", "歯科", "むせる")),
    Case("hardly at all", examined(70, q_chewing=3), True),
    Case("chews anything", examined(70, q_chewing=1), False),
    Case("at 64", examined(64, q_chewing=2), False),
    Case("at the edge", examined(65, q_chewing=2), True),
    Case("the form of the oldest", examined(80, q75_hard_food=1), True, ("豆腐",)),
    Case("chokes: a doctor first", examined(80, q75_hard_food=1, q75_chokes=1), False),
    Case("kidney signs", examined(70, q_chewing=2, egfr=50), False),
)
