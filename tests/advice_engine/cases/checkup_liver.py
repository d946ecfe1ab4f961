from advice_person import Case, examined

CASES = (
    Case("ALT 51", examined(alt=51), True, ("51 U/L",)),
    Case("γ-GT 101", examined(ggt=101), True),
    Case("at the edge, below", examined(ast=50, alt=50, ggt=100), False),
)
