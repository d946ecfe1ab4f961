from advice_person import Case, daily, person

COUNTER = frozenset({"steps_counter"})
CASES = (
    Case("last 10 days ago", person(devices=COUNTER, days={"steps": daily([5000], newest=10)}), True, ("11月11日",)),
    Case("7 days ago, at the edge", person(devices=COUNTER, days={"steps": daily([5000], newest=7)}), True),
    Case("6 days ago", person(devices=COUNTER, days={"steps": daily([5000], newest=6)}), False),
    Case("never", person(devices=COUNTER), False),
    Case("no pedometer of their own", person(days={"steps": daily([5000], newest=10)}), False),
    Case("a child", person(12, devices=COUNTER, days={"steps": daily([5000], newest=10)}), False),
)
