from advice_person import Case, examined

CASES = (
    Case("fell", examined(80, q75_fell=1), True, ("10秒", "左右3回ずつ", "週に3日")),
    Case("slower", examined(80, q75_slower=1), True),
    Case("no faster than others, at 65", examined(65, q_walk_speed=2), True),
    Case("64", examined(64, q_walk_speed=2), False),
    Case("neither", examined(80, q75_fell=2, q75_slower=2), False),
    Case("two signs: another rule", examined(80, q75_slower=1, q75_lost_weight=1), False),
)
