from advice_person import Case, back, daily, examined, having

from advice_engine.facts import Goal


def weighs(kg: float, age: int = 55, height: float = 165, **more: float):
    """By the scale, but hardly in the last two weeks."""
    mass = round(kg / (height / 100) ** 2, 1)
    return having(
        examined(age, height=height, checkup_weight=kg, bmi=mass, **more), days={"weight": daily([kg] * 5, newest=13)}
    )


CASES = (
    Case("86 kg, BMI 31.6", weighs(86), True, ("86.0 kg", "2.6 kg", "83.4 kg", "0.4〜0.9 kg", "0.2 kg")),
    Case("at the edge: BMI 25.0", weighs(68.07), True),
    Case("BMI 24.9", weighs(67.8), False),
    Case("BMI 35: a clinic's matter", weighs(95.4), False),
    Case("110 kg, tall: never above 1 kg a month", weighs(110, height=185), True, ("0.5〜1.0 kg",)),
    Case("74", weighs(86, 74), True),
    Case("75: no word on losing", weighs(86, 75), False),
    Case("17", weighs(86, 17), False),
    Case("strength first", weighs(80, 70, q75_slower=1, q75_exercise=2), False),
    Case("heart: no word on walking", weighs(86, q_heart=1), True, ("3〜6か月",), ("10分多く",)),
    Case("by the checkup's weight", examined(bmi=27.0, checkup_weight=73.5), True, ("73.5 kg", "71.3 kg")),
    Case(
        "weighs in already: energy_for_weight", having(weighs(86), days={"weight": daily([86] * 3, newest=12)}), False
    ),
    Case(
        "has set a goal",
        having(weighs(86), goals=(Goal(kind="weight", target=83, since=back(5), until=back(-90)),)),
        False,
    ),
    Case("no weight known", examined(bmi=27.0), False),
)
