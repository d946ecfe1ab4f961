from advice_person import HEALTHY, Case, examined

LARGE = {**HEALTHY, "waist": 90.0}

CASES = (
    Case("基準該当", examined(**{**LARGE, "office_bp_sys": 130, "fpg": 110}), True, ("基準該当", "2つ以上")),
    Case("予備群該当", examined(**{**LARGE, "office_bp_sys": 130, "fpg": 109}), True, ("予備群該当",)),
    Case("非該当", examined(**HEALTHY), True, ("非該当",)),
    Case("at 80 too", examined(80, **HEALTHY), True),
    Case("the document says otherwise", examined(**HEALTHY, metabo=1), True, ("結果票のほうが正式",)),
    Case(
        "not judged: casual values only",
        examined(waist=90, office_bp_sys=120, office_bp_dia=70, hdl=58, tg_casual=90, glucose_casual=95),
        False,
    ),
    Case("too little measured", examined(office_bp_sys=120), False),
)
