from advice_person import Case, checkup, daily, having, person


def lost(before: float, now: float, age: int = 70):
    return person(age, days={"weight": daily([before] * 5, newest=90) + daily([now] * 5)})


CASES = (
    Case("2 kg at 65", lost(50.0, 48.0, 65), True, ("2.0 kg", "2週間のうち", "卵")),
    Case("2 kg at 64", lost(50.0, 48.0, 64), False),
    Case("at the edge, below", lost(50.0, 48.1, 70), False),
    Case("5 % at 40", lost(60.0, 57.0, 40), True),
    Case("less than 5 % at 40", lost(60.0, 57.1, 40), False),
    Case(
        "2 kg at BMI 27: what the guidance programme aims at",
        having(lost(70, 68), checkups=(checkup(height=160),)),
        False,
    ),
    Case("2 kg at BMI 27 from 75 on", having(lost(70, 68, 75), checkups=(checkup(height=160),)), True),
    Case("cancer care: no word on diet", having(lost(50, 47), conditions=frozenset({"C16.9"})), True, never=("卵",)),
    Case(
        "kidney signs: nothing on protein",
        having(lost(50, 47), checkups=(checkup(egfr=50),)),
        True,
        never=("卵", "豆腐"),
    ),
    Case("someone else's scale", lost(90.0, 50.0), False),
    Case("too few days", person(70, days={"weight": daily([50.0] * 2, newest=90) + daily([45.0] * 5)}), False),
)
