from datetime import date

from advice_person import HEALTHY, Case, examined

CASES = (
    Case("all within", examined(**HEALTHY), True, ("目安の範囲",)),
    Case("one at its line", examined(**{**HEALTHY, "ldl": 120}), False),
    Case("one just below its line", examined(**{**HEALTHY, "ldl": 119}), True),
    Case("too little measured", examined(office_bp_sys=118, office_bp_dia=70, ldl=100), False),
    Case("more than a year ago", examined(55, date(2025, 11, 20), **HEALTHY), False),
)
