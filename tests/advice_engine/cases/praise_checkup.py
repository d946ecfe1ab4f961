from datetime import date

from advice_person import HEALTHY, Case, examined

CASES = (
    Case("all within", examined(**HEALTHY), True, ("目安の範囲",)),
    Case("one at its line", examined(**{**HEALTHY, "ldl": 120}), False),
    Case("one just below its line", examined(**{**HEALTHY, "ldl": 119}), True),
    Case("a large waist", examined(**{**HEALTHY, "waist": 85}), False),
    Case("BMI 25", examined(**{**HEALTHY, "bmi": 25}), False),
    Case("thin at 65", examined(65, **{**HEALTHY, "bmi": 21.4}), False),
    Case("the same at 64", examined(64, **{**HEALTHY, "bmi": 21.4}), True),
    Case("a finding in the electrocardiogram", examined(**HEALTHY, ecg_finding=1), False),
    Case("no finding there", examined(**HEALTHY, ecg_finding=2, urine_glucose=1), True),
    Case("too little measured", examined(office_bp_sys=118, office_bp_dia=70, ldl=100), False),
    Case("more than a year ago", examined(55, date(2025, 11, 20), **HEALTHY), False),
)
