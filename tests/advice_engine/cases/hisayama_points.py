from advice_person import Case, examined

KNOWN = {"office_bp_sys": 134, "ldl": 150, "hdl": 45, "fpg": 95, "q_smoking": 1}
CASES = (
    Case("14 points at 52", examined(52, **KNOWN), True, ("合計14点", "中リスク"), ("%",)),
    Case(
        "kidney values: no points needed", examined(52, **KNOWN, egfr=55), True, ("点数によらず", "高リスク"), ("合計",)
    ),
    Case("medicine for lipids", examined(52, **KNOWN, q_med_lipid=1), False),
    Case("80 years", examined(80, **KNOWN), False),
)
