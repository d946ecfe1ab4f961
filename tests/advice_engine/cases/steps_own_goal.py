from advice_person import Case, daily, person


def walks(*pattern: float, age: int = 55):
    """Four weeks of this pattern, today left out."""
    return person(age, days={"steps": daily((pattern * 28)[:28], newest=1)})


CASES = (
    Case(
        "3,000 to 6,000: the 60th percentile",
        walks(3000, 4000, 5000, 6000),
        True,
        ("1日約4,500歩", "5,000歩", "5分ほど", "8,000歩"),
    ),
    Case("a goal hardly above the usual day", walks(4400, 4500, 4600), False),
    Case("at the edge: 300 above", walks(4000, 4000, 4300, 4300, 4000, 4300), False),
    Case("the goal stops at the guide", walks(5000, 5500, 9000, 9000, 5500, age=70), True, ("1日6,000歩",)),
    Case("there already: praise, no goal", walks(7000, 9000, 12000), False),
    Case("20 days only", person(days={"steps": daily([3000, 3000, 5000, 5000] * 5, newest=1)}), False),
    Case("21 days", person(days={"steps": daily([3000, 3000, 5000, 5000] * 5 + [4000], newest=1)}), True),
    Case("a child", walks(3000, 4000, 6000, 6000, age=12), False),
)
