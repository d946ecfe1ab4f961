from advice_person import Case, daily, examined, person

CASES = (
    Case("5 h 59 min", person(days={"sleep": daily([359] * 7)}), True, ("5時間59分", "20分早く")),
    Case("at the edge", person(days={"sleep": daily([360] * 7)}), False),
    Case("six nights only", person(days={"sleep": daily([300] * 6)}), False),
    Case("at 65: time in bed", person(65, days={"sleep": daily([330] * 7)}), True, ("8時間まで",), ("早く床に",)),
    Case("not rested", examined(q_sleep_rest=2), True, ("休めていない",)),
    Case("rested", examined(q_sleep_rest=1), False),
    Case("a child", person(12, days={"sleep": daily([300] * 7)}), False),
)
