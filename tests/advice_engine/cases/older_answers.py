from advice_person import Case, examined

CASES = (
    Case(
        "three of fifteen, two of them of J-CHS",
        examined(80, q75_slower=1, q75_exercise=2, q75_fell=1),
        True,
        ("15問のうち3問", "3項目では2つ"),
    ),
    Case("two, at the edge", examined(80, q75_slower=1, q75_fell=1, q75_exercise=1), False),
    Case("well", examined(80, q75_health=1, q75_mind=2, q75_meals=1), False),
    Case("not so well in three ways", examined(80, q75_health=4, q75_mind=3, q75_meals=2), True, ("では0つ",)),
)
