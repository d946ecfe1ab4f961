from advice_person import Case, checkup, daily, examined, person

CASES = (
    Case("35.0", examined(bmi=35.0), True, ("35.0", "減らす")),
    Case("at the edge, below", examined(bmi=34.9), False),
    Case("16.9", examined(bmi=16.9), True, ("増やす",)),
    Case("17.0", examined(bmi=17.0), False),
    Case("by the scale", person(checkups=(checkup(height=160, bmi=30),), days={"weight": daily([90.0] * 3)}), True),
    Case("a child", examined(10, bmi=16.0), False),
)
