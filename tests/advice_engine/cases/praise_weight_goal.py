from advice_person import Case, checkup, daily, having, person


def lost(before: float, now: float, age: int = 55, **more: float):
    weights = (*daily([before] * 5, newest=70), *daily([now] * 5))
    return person(age, days={"weight": weights}, checkups=(checkup(height=165, **more),))


CASES = (
    Case("80 to 77.5", lost(80, 77.5), True, ("80.0 kg", "77.5 kg", "2.5 kg")),
    Case("3 %, at the edge", lost(80, 77.6), True),
    Case("less", lost(80, 77.7), False),
    Case("5 %: a doctor should look", lost(80, 76.0), False),
    Case("never heavy", lost(66, 64), False),
    Case("75: losing is no goal", lost(80, 77.5, 75), False),
    Case("strength first", lost(80, 77.5, 70, q75_slower=1, q75_exercise=2), False),
    Case("glucose tablets: the doctor's matter", having(lost(80, 77.5, q_med_glucose=1)), False),
)
