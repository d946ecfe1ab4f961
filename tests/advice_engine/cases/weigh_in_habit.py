from advice_person import Case, daily, person

SCALE = frozenset({"weight"})

CASES = (
    Case("never weighed", person(devices=SCALE), True, ("記録が、まだありません", "だれの測定ですか")),
    Case("seven days ago", person(devices=SCALE, days={"weight": daily([60.0], newest=7)}), True, ("2026年11月14日",)),
    Case("six days ago, at the edge", person(devices=SCALE, days={"weight": daily([60.0], newest=6)}), False),
    Case("a child of the household", person(17, devices=SCALE), False),
    Case("no scale", person(), False),
)
