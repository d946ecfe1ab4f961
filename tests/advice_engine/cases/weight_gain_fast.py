from advice_person import Case, daily, person

CASES = (
    Case("2.0 kg", person(days={"weight": daily([60.0] * 6 + [61.5, 62.0, 62.0])}), True, ("2.0 kg", "むくみ")),
    Case("at the edge, below", person(days={"weight": daily([60.0] * 6 + [61.9] * 3)}), False),
    Case("one strange weighing", person(days={"weight": daily([60.0] * 8 + [72.0])}), False),
    Case("someone else on the scale", person(days={"weight": daily([60.0] * 6 + [95.0] * 3)}), False),
    Case("a child", person(12, days={"weight": daily([40.0] * 6 + [43.0] * 3)}), False),
    Case("nothing before", person(days={"weight": daily([62.0] * 3)}), False),
)
