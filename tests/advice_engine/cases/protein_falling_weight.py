from advice_person import Case, checkup, daily, having, person


def weighs(usual: float, now: float, age: int = 78, sex: str = "female", **checked: float):
    days = daily([usual] * 60 + [usual] * 46 + [now] * 14)
    return having(person(age, days={"weight": days}, checkups=(checkup(**({"height": 150.0} | checked)),)), sex=sex)


CASES = (
    Case("1.2 kg less", weighs(46, 44.8), True, ("1.2 kg", "約50 g", "卵", "鮭"), ("やせ",)),
    Case("heavier: by the kilogram", weighs(54, 52.8), True, ("約53 g",)),
    Case("at the edge", weighs(46, 45.1), False),
    Case("at 64", weighs(46, 44.5, age=64), False),
    Case("kidney signs", weighs(46, 44.5, egfr=50), False),
    Case("BMI 25 and 70: that may be meant", weighs(60, 58.5, age=70), False),
    Case("BMI 25 and 78", weighs(60, 58.5, age=78), True, ("約56 g",)),
    Case("chokes: a doctor first", weighs(46, 44.5, q75_chokes=1), False),
    Case("no height", having(weighs(46, 44.5), checkups=()), False),
)
