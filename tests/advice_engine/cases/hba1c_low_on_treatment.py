from advice_person import Case, examined, having

INSULIN = frozenset({"2492415A1020"})
METFORMIN = frozenset({"3962002F1012"})
CASES = (
    Case("70 years, 6.4", having(examined(70, hba1c=6.4), drugs=INSULIN), True, ("6.4%", "今までどおり")),
    Case("70 years, at the floor", having(examined(70, hba1c=6.5), drugs=INSULIN), False),
    Case("80 years, 6.9", having(examined(80, hba1c=6.9), drugs=INSULIN), True),
    Case("80 years, at the floor", having(examined(80, hba1c=7.0), drugs=INSULIN), False),
    Case("another medicine", having(examined(70, hba1c=6.0), drugs=METFORMIN), False),
    Case("64 years", having(examined(64, hba1c=6.0), drugs=INSULIN), False),
)
