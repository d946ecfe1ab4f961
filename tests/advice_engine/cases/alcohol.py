from advice_person import Case, examined, over_years


def drinks(often: int, much: int, age: int = 50, sex: str = "male"):
    return examined(age, sex=sex, q_drink_frequency=often, q_drink_amount=much)


CASES = (
    Case("man daily 2-3合", drinks(1, 3), True, ("週に2日", "40 g以上", "約22 g"), ("飲みましょう",)),
    Case("man daily 1-2合", drinks(1, 2), False),
    Case("woman daily 1-2合", drinks(2, 2, sex="female"), True, ("20 g以上",)),
    Case("woman daily less than 1合", drinks(2, 1, sex="female"), False),
    Case("man 3-4 days 3合", drinks(3, 4), True),
    Case("man 1-2 days 3合", drinks(4, 4), False),
    Case("woman 1-2 days 3合", drinks(4, 4, sex="female"), True),
    Case("1-3 days a month 5合", drinks(5, 5), True),
    Case("hardly ever", drinks(6, 5), False),
    Case("stopped", drinks(7, 5), False),
    Case("much every day: slowly and with help", drinks(1, 4), True, ("相談しながら",)),
    Case(
        "the amount of another year",
        over_years({"q_drink_frequency": 6, "q_drink_amount": 4}, {"q_drink_frequency": 1}),
        False,
    ),
    Case("at 19: nothing", drinks(1, 5, age=19), False),
    Case("sex unknown: the line that fewer reach", drinks(1, 2, sex="unknown"), False),
)
