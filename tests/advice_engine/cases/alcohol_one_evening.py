from advice_person import Case, examined


def drinks(often: int, much: int, age: int = 50, sex: str = "male"):
    return examined(age, sex=sex, q_drink_frequency=often, q_drink_amount=much)


CASES = (
    Case("once a week, 3合", drinks(4, 4), True, ("約65 g", "水"), ("飲みましょう",)),
    Case("less than once a month, 5合", drinks(6, 5), True, ("約108 g",)),
    Case("at the edge, 2-3合", drinks(4, 3), False),
    Case("often: the other rule", drinks(3, 4), False),
    Case("a woman once a week 3合: the other rule", drinks(4, 4, sex="female"), False),
    Case("a woman once a month 3合", drinks(5, 4, sex="female"), True),
    Case("at 19", drinks(4, 5, age=19), False),
    Case("stopped", drinks(7, 5), False),
)
