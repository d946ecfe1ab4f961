from advice_person import Case, examined, having, week

WELL = {"office_bp_sys": 132.0, "office_bp_dia": 70.0, "egfr": 75.0, "urine_protein": 1.0}

CASES = (
    Case("pressure, kidneys well", examined(**WELL), True, ("350 g", "200 g", "みかん", "主治医")),
    Case("at the edge", examined(**(WELL | {"egfr": 60.0})), True),
    Case("eGFR 59.9", examined(**(WELL | {"egfr": 59.9})), False),
    Case("kidneys not measured", examined(office_bp_sys=132), False),
    Case("urine not tested", examined(office_bp_sys=132, egfr=80), False),
    Case("a trace of protein", examined(**(WELL | {"urine_protein": 2.0})), False),
    Case("on medicine for pressure", examined(**WELL, q_med_bp=1), False),
    Case("heart", examined(**WELL, q_heart=1), False),
    Case("at home, too", having(examined(**WELL), pressures=week(125, 70)), True, ("125/70",)),
    Case("at home below: that counts", having(examined(**WELL), pressures=week(124, 70)), False),
    Case("pressure below", examined(**(WELL | {"office_bp_sys": 129.0})), False),
)
