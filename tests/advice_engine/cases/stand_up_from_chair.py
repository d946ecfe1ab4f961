from advice_person import Case, daily, person

CASES = (
    Case("8,000 at 64", person(64, days={"steps": daily([8000] * 5, newest=1)}), True, ("10回", "週に2、3日")),
    Case("7,900 at 64", person(64, days={"steps": daily([7900] * 5, newest=1)}), False),
    Case("6,000 at 65", person(65, days={"steps": daily([6000] * 5, newest=1)}), True),
    Case("a child", person(17, days={"steps": daily([9000] * 5, newest=1)}), False),
)
