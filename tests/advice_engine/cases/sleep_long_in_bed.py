from advice_person import Case, daily, person

CASES = (
    Case("8 h 30 at 70", person(70, days={"sleep": daily([510] * 7)}), True, ("8時間30分", "30分おそく")),
    Case("8 h, at the edge", person(65, days={"sleep": daily([480] * 7)}), True),
    Case("7 h 59", person(65, days={"sleep": daily([479] * 7)}), False),
    Case("64", person(64, days={"sleep": daily([510] * 7)}), False),
    Case("six nights only", person(70, days={"sleep": daily([510] * 6)}), False),
)
