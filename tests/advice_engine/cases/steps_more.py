from advice_person import Case, daily, person
from other_days import JANUARY, on


def lighter(by: float, age: int = 78):
    """The scale shows so much less than three months ago."""
    weights = (*daily([50.0] * 30, newest=70), *daily([50.0 - by] * 10))
    return person(age, days={"steps": daily([3200] * 14, newest=1), "weight": weights})


CASES = (
    Case("4,200 at 55", person(days={"steps": daily([4200] * 7, newest=1)}), True, ("4,200歩", "5,200歩", "8,000歩")),
    Case("6,000 at 64", person(64, days={"steps": daily([6000] * 7, newest=1)}), True),
    Case("6,000 at 65", person(65, days={"steps": daily([6000] * 7, newest=1)}), False),
    Case(
        "the aim never passes the guide",
        person(70, days={"steps": daily([5500] * 9, newest=1)}),
        True,
        ("まずは6,000歩",),
    ),
    Case("rather not carried at all", person(days={"steps": daily([300] * 7, newest=1)}), False),
    Case("500, at the edge", person(days={"steps": daily([500] * 7, newest=1)}), True, ("1,500歩",)),
    Case("six days only", person(days={"steps": daily([4200] * 6, newest=1)}), False),
    Case("today does not count: the day is not over", person(days={"steps": daily([4200] * 7)}), False),
    Case("a child", person(12, days={"steps": daily([4200] * 7, newest=1)}), False),
    Case(
        "in snow under a roof",
        on(JANUARY, person(78, days={"steps": daily([3200] * 14, newest=1)})),
        True,
        ("大きな店の中",),
        ("家のまわり", "車をとめ"),
    ),
    Case("78 and 1 kg lighter: eating comes first", lighter(1.0), False),
    Case("0.9 kg, at the edge", lighter(0.9), True),
    Case("1 kg lighter at 50", lighter(1.0, age=50), True),
)
