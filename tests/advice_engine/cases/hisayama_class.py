from advice_person import Case, examined

KNOWN = {"office_bp_sys": 134, "ldl": 150, "hdl": 45, "fpg": 95, "q_smoking": 1}
OLDER = {"office_bp_sys": 128, "ldl": 118, "hdl": 58, "fpg": 95, "q_smoking": 3}
CASES = (
    Case("14 points at 52", examined(52, **KNOWN), True, ("中リスク", "140 mg/dL未満", "目標より高め"), ("14点", "%")),
    Case("9 points at 71", examined(71, **OLDER), True, ("高リスク", "120 mg/dL未満", "目標の範囲")),
    Case(
        "treated for glucose",
        examined(52, **KNOWN, q_med_glucose=1),
        True,
        ("高リスク", "診てもらっている"),
        ("年齢とともに",),
    ),
    Case("one sign of a kidney illness", examined(52, **KNOWN, urine_protein=3), False),
    Case("39 years", examined(39, **KNOWN), False),
    Case("80 years", examined(80, **OLDER), False),
    Case("after a stroke", examined(52, **KNOWN, q_stroke=1), False),
    Case("a value is missing", examined(52, **{key: KNOWN[key] for key in KNOWN if key != "hdl"}), False),
)
