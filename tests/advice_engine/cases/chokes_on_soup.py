from datetime import date

from advice_person import Case, examined

CASES = (
    Case("chokes", examined(80, q75_chokes=1), True, ("内科か歯科", "あごを軽く引いて"), ("肺炎",)),
    Case("does not", examined(80, q75_chokes=2), False),
    Case("at the edge", examined(65, q75_chokes=1), True),
    Case("at 64", examined(64, q75_chokes=1), False),
    Case("more than two years ago", examined(80, date(2024, 11, 20), q75_chokes=1), False),
)
