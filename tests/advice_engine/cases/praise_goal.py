from datetime import timedelta

from advice_person import TODAY, Case, back, daily, examined, having, person, week

from advice_engine.facts import Goal

MONDAY = TODAY - timedelta(days=TODAY.weekday() + 7)  # of last week
STEPS = Goal(kind="steps", target=6000, since=back(30), until=back(-30))
PRESSURE = Goal(kind="pressure", target=5, since=MONDAY, until=back(-30))
WEIGHT = Goal(kind="weight", target=80.0, start=84.0, since=back(60), until=back(-60))
WALKED = person(days={"steps": daily([6500.0] * 14)}, goals=(STEPS,))


def dry(*days: int) -> Goal:
    tapped = frozenset(MONDAY + timedelta(days=day) for day in days)
    return Goal(kind="dry_days", target=2, since=back(30), until=back(-30), tapped=tapped)


CASES = (
    Case("steps reached all last week", WALKED, True, ("6,000歩", "7日"), ("%",)),
    Case("a step short every day", having(WALKED, days={"steps": daily([5999.0] * 14)}), False),
    Case("two dry days tapped", person(goals=(dry(0, 3),)), True, ("飲まない日",)),
    Case("one of two dry days, at the edge", person(goals=(dry(0),)), False),
    Case("begun on last week's Monday", person(goals=(PRESSURE,), pressures=week(120, 70, days=14)), True, ("血圧",)),
    Case("begun in the middle of last week",
         person(goals=(Goal(kind="pressure", target=5, since=MONDAY + timedelta(days=1), until=back(-30)),),
                pressures=week(120, 70, days=14)), False),
    Case("half of the way", person(goals=(WEIGHT,), days={"weight": daily([82.0] * 7)}), True, ("半分",)),
    Case("less than half", person(goals=(WEIGHT,), days={"weight": daily([82.1] * 7)}), False),
    Case("steps while the doctor decides on exercise",
         having(examined(q_heart=1), days=WALKED.days, goals=(STEPS,)), False),
)  # fmt: skip
