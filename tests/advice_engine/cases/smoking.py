from advice_person import Case, examined

CASES = (
    Case("smokes", examined(q_smoking=1), True, ("禁煙外来",)),
    Case("stopped", examined(q_smoking=2), False),
    Case("never", examined(q_smoking=3), False),
)
