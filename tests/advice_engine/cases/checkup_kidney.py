from advice_person import Case, examined

CASES = (
    Case("eGFR 44.9", examined(egfr=44.9), True, ("44.9", "45未満")),
    Case("at the edge", examined(egfr=45.0), False),
    Case("urine protein 1+", examined(urine_protein=3), True, ("尿蛋白 +",)),
    Case("urine protein ±", examined(urine_protein=2, egfr=70), False),
)
