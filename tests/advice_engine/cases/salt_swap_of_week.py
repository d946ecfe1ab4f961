from datetime import date

from advice_person import Case, examined, having, week


def pressed(sys: float, dia: float = 70, **more):
    return examined(office_bp_sys=sys, office_bp_dia=dia, **more)


CASES = (
    Case("130: this November week's swap", pressed(130), True, ("130/70", "約", "7.5g未満", "いも煮"), ("カリウム",)),
    Case(
        "the next week another one",
        having(pressed(130), today=date(2026, 11, 23)),
        True,
        ("ハム", "約0.8 g"),
        ("いも煮",),
    ),
    Case("winter", having(pressed(130), today=date(2026, 12, 15)), True, ("寒鱈汁", "約1.0 g")),
    Case("May, a year later", having(pressed(130), today=date(2027, 5, 25)), True, ("孟宗汁",)),
    Case("August", having(pressed(130), today=date(2027, 8, 18)), True, ("だだちゃ豆",)),
    Case("lower number at 85", pressed(110, 85), True),
    Case("at the edge", pressed(129, 84), False),
    Case("treated: 6 g, and tell the doctor", pressed(118, q_med_bp=1), True, ("6g未満", "主治医")),
    Case("calm at home", having(pressed(138), pressures=week(118, 70)), False),
    Case("kidney signs: 6 g", pressed(132, egfr=50), True, ("6g未満",), ("だだちゃ豆", "卵", "減塩のもの")),
    Case("at 17", examined(17, office_bp_sys=135, office_bp_dia=70), False),
    Case("older than two years", having(pressed(135), today=date(2028, 5, 21)), False),
)
