from advice_person import Case, examined

CASES = (
    Case("eGFR 50 and ±", examined(egfr=50, urine_protein=2), True, ("専門の先生", "尿蛋白 ±")),
    Case("eGFR 60 and ±", examined(egfr=60, urine_protein=2), False),
    Case("± with blood", examined(egfr=80, urine_protein=2, urine_blood=3), True),
    Case("eGFR 50 at 39 years", examined(39, egfr=50), True),
    Case("eGFR 50 at 40 years", examined(40, egfr=50), False),
    Case("the checkup's own line says it", examined(egfr=50, urine_protein=3), False),
)
