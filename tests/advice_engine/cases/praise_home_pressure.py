from advice_person import Case, measured, person


def fell(before: tuple[float, float], now: tuple[float, float], days: int = 5, age: int = 55):
    earlier = tuple(measured(*before, ago=14 + day) for day in reversed(range(days)))
    return person(age, pressures=(*earlier, *(measured(*now, ago=day) for day in reversed(range(days)))))


CASES = (
    Case("142/88 to 128/78", fell((142, 88), (128, 78)), True, ("128/78", "142/88", "14 mmHg", "今までどおり")),
    Case("135 to 134: chance", fell((135, 80), (134, 80)), False),
    Case("139 to 134, at the edge", fell((139, 80), (134, 80)), True),
    Case("the lower number", fell((130, 88), (128, 80)), True, ("下の血圧が8",)),
    Case("still high", fell((150, 90), (136, 80)), False),
    Case("never high", fell((130, 80), (120, 70)), False),
    Case("four days only", fell((142, 88), (128, 78), days=4), False),
    Case("a child", fell((142, 88), (128, 78), age=12), False),
)
