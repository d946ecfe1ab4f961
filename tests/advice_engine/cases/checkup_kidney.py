from datetime import date

from advice_person import Case, checkup, examined, person


def years(**older: float):
    """A checkup without eGFR this year, and one of last year."""
    return person(checkups=(checkup(number=2, urine_protein=1), checkup(date(2025, 5, 1), 1, **older)))


CASES = (
    Case("eGFR 44.9", examined(egfr=44.9), True, ("44.9", "45未満")),
    Case("at the edge", examined(egfr=45.0), False),
    Case("urine protein 1+", examined(urine_protein=3), True, ("尿蛋白 +",)),
    Case(
        "this year eGFR was not measured", years(egfr=38, urine_protein=1), True, ("2025年5月1日", "38.0"), ("尿蛋白 ",)
    ),
    Case("urine protein gone this year", years(egfr=70, urine_protein=3), False),
    Case("urine protein ±", examined(urine_protein=2, egfr=70), False),
    Case(
        "under care: show it, go on as before",
        examined(egfr=38, q_kidney=1),
        True,
        ("次の受診で主治医", "今までどおり"),
        ("まだ受診していない", "もう一度調べて"),
    ),
)
