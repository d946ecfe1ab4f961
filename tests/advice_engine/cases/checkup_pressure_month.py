from datetime import date

from advice_person import Case, checkup, examined, having, person, week

NEWER_IS_FINE = person(
    checkups=(
        checkup(office_bp_sys=120, office_bp_dia=70),
        checkup(date(2025, 5, 1), 2, office_bp_sys=150, office_bp_dia=90),
    )
)

PREGNANT = {"conditions": frozenset({"Z34.9"})}

CASES = (
    Case("140", examined(office_bp_sys=140, office_bp_dia=80), True, ("1か月のうち",)),
    Case("90", examined(office_bp_sys=120, office_bp_dia=90), True),
    Case("at the edge, below", examined(office_bp_sys=139, office_bp_dia=89), False),
    Case(
        "measured again at home, and calm",
        having(examined(office_bp_sys=150), pressures=week(122, 76)),
        True,
        ("落ち着いて", "家の記録"),
        ("測り直し", "1か月"),
    ),
    Case("measured at home, and high there too", having(examined(office_bp_sys=150), pressures=week(136, 76)), True),
    Case("pregnant: no word on diet", having(examined(office_bp_sys=150), **PREGNANT), True, ("測って",), ("塩分",)),
    Case("160", examined(office_bp_sys=160, office_bp_dia=80), False),
    Case("with diabetes signs", examined(office_bp_sys=150, hba1c=6.5), False),
    Case("treated by prescription", having(examined(office_bp_sys=150), drugs=frozenset({"2171022F1029"})), False),
    Case("a newer checkup is fine", NEWER_IS_FINE, False),
)
