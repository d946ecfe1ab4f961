from datetime import date

from advice_person import Case, examined

CASES = (
    Case("a finding", examined(ecg_finding=1), True, ("所見あり", "医師の判定")),
    Case("none", examined(ecg_finding=2), False),
    Case("three years ago", examined(on=date(2023, 5, 1), ecg_finding=1), False),
)
