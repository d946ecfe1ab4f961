from advice_person import Case, examined

KNOWN = {"office_bp_sys": 134, "ldl": 150, "hdl": 45, "fpg": 95, "q_smoking": 1}
CASES = (
    Case("14 points at 52", examined(52, **KNOWN), True, ("合計14点", "中リスク"), ("%",)),
    Case("treated for glucose", examined(52, **KNOWN, q_med_glucose=1), True, ("点数によらず", "高リスク"), ("合計",)),
    Case("told of a kidney illness", examined(52, **KNOWN, q_kidney=1), True, ("点数によらず",)),
    Case("one low kidney value is no illness", examined(52, **KNOWN, egfr=55), False),
    Case("one high HbA1c is no illness", examined(52, **KNOWN, hba1c=6.5), False),
    Case("medicine for lipids", examined(52, **KNOWN, q_med_lipid=1), False),
    Case("80 years", examined(80, **KNOWN), False),
)
