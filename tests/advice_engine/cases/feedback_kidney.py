from advice_person import Case, examined, over_years

CASES = (
    Case("eGFR 59.9", examined(egfr=59.9), True, ("59.9", "3か月ほどあけて")),
    Case("at the line", examined(egfr=60), False),
    Case("urine protein ±", examined(urine_protein=2), True, ("尿蛋白 ±",)),
    Case("the referral says it", examined(egfr=44.9), False),
    Case("twice is another rule's", over_years({"egfr": 55}, {"egfr": 55}), False),
    Case("both together are a specialist's", examined(egfr=55, urine_protein=2), False),
)
