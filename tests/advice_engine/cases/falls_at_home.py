from advice_person import TODAY, Case, back, examined

CASES = (
    Case("fell", examined(80, q75_fell=1), True, ("1か所だけ", "明かり")),
    Case("did not", examined(80, q75_fell=2), False),
    Case("two years ago, at the edge", examined(80, back(730), q75_fell=1), True),
    Case("longer ago", examined(80, back(731), q75_fell=1), False),
    Case("today", examined(80, TODAY, q75_fell=1), True),
)
