from datetime import date

from advice_person import Case, examined

CASES = (
    Case("ALT 31", examined(alt=31), True, ("31 U/L", "急ぐ必要はありません")),
    Case("at the edge, below", examined(alt=30), False),
    Case("ALT 51: a referral says it", examined(alt=51), False),
    Case("years ago", examined(on=date(2022, 5, 1), alt=40), False),
)
