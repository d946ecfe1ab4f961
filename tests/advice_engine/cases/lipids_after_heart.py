from advice_person import Case, examined

CASES = (
    Case("100 after heart disease", examined(ldl=100, q_heart=1), True, ("わたしの目標",)),
    Case("99", examined(ldl=99, q_heart=1), False),
    Case("no such history", examined(ldl=110), False),
    Case("the checkup's own line says it", examined(ldl=140, q_stroke=1), False),
)
