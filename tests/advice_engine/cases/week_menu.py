from advice_person import Case, daily, examined, having, person, week
from other_days import JANUARY, JULY, on


def walks(steps: float, age: int = 55, **known: object):
    return person(age, days={"steps": daily([steps] * 14, newest=1)}, **known)


NEITHER = {"q_exercise": 2, "q_walking": 2}
CASES = (
    Case(
        "half of the guide at 55, in November",
        walks(4000),
        True,
        ("大またの散歩20分を週5日", "草むしり30分", "約12、目安は23メッツ・時", "約8.8メッツ・時"),
        ("雪かき",),
    ),
    Case("below half: the first level", walks(3900), True, ("散歩10分を週5日", "階段")),
    Case("at the edge of the guide", walks(8000), False),
    Case("just below it", walks(7900), True),
    Case("at 65 the guide is 15", walks(5900, 65), True, ("目安は15",)),
    Case("at 65, there", walks(6000, 65), False),
    Case(
        "80 in the snow: sitting exercise, no word on clearing it",
        on(JANUARY, walks(2000, 80)),
        True,
        ("座って",),
        ("雪かき",),
    ),
    Case("55 in the snow: clearing it counts", on(JANUARY, walks(4000)), True, ("雪かきをした日は", "大きな店")),
    Case(
        "55 in the snow with 165/95: it does not",
        on(JANUARY, walks(4000, pressures=week(165, 95))),
        True,
        (),
        ("雪かき",),
    ),
    Case("in July: in the cool hours", on(JULY, walks(4000)), True, ("朝8時まで", "プール")),
    Case("no pedometer, neither exercise nor walking", examined(50, **NEITHER), True, ("散歩10分",)),
    Case("no pedometer, walks an hour", examined(50, q_exercise=2, q_walking=1), False),
    Case("rather not carried", walks(300), False),
    Case("six days only", having(walks(4000), days={"steps": daily([4000] * 6, newest=1)}), False),
    Case("a child", walks(4000, 12), False),
)
