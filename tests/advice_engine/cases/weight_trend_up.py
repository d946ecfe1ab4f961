from advice_person import Case, checkup, daily, person


def rising(start: float, per_day: float, age: int = 55, height: float = 165, days: int = 29):
    weights = [start + per_day * day for day in range(days)]
    return person(age, days={"weight": daily(weights)}, checkups=(checkup(height=height),))


CASES = (
    Case("0.35 kg (said as 0.4) a week at BMI 26", rising(70, 0.05), True, ("0.4 kg", "3%", "お茶")),
    Case("at the edge", rising(70, 0.25 / 7 + 1e-9), True),
    Case("slower", rising(70, 0.03), False),
    Case("BMI 24.9 soon over 25", rising(66.5, 0.05), True, never=("3%",)),
    Case("thin", rising(48, 0.05), False),
    Case("clearly below BMI 25 a month ago, however fast it rises", rising(54, 0.5), False),
    Case("at 75: no word on losing", rising(70, 0.05, age=75), False),
    Case("at 74", rising(70, 0.05, age=74), True),
    Case("two weeks only", rising(70, 0.05, days=14), False),
    Case(
        "one strange weighing",
        person(days={"weight": daily([70.0] * 28 + [90.0])}, checkups=(checkup(height=165),)),
        False,
    ),
    Case("no height known", person(days={"weight": daily([70 + 0.05 * day for day in range(29)])}), False),
)
