from advice_person import Case, daily, examined, having


def walks(steps: float, age: int = 55, **answers: float):
    return having(examined(age, **answers), days={"steps": daily([steps] * 14, newest=1)})


CASES = (
    Case("8,000, no exercise", walks(8000, q_exercise=2), True, ("20分", "週に3回", "4.3メッツ・時")),
    Case("7,900, at the edge", walks(7900, q_exercise=2), False),
    Case("exercises", walks(9000, q_exercise=1), False),
    Case("64", walks(8000, 64, q_exercise=2), True),
    Case("65: other rules", walks(8000, 65, q_exercise=2), False),
)
