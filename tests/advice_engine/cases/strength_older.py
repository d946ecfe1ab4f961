from advice_person import Case, examined

CASES = (
    Case("65, no exercise", examined(65, q_exercise=2), True, ("ゆっくり5回", "かかと上げを10回", "週に2日")),
    Case("64", examined(64, q_exercise=2), False),
    Case("exercises", examined(70, q_exercise=1), False),
    Case("80, no exercise in a week", examined(80, q75_exercise=2), True),
    Case("two signs: another rule", examined(80, q75_exercise=2, q75_slower=1), False),
)
