from advice_person import Case, examined

CASES = (
    Case("no wish to change: any item", examined(25, q_skip_breakfast=1, q_will=1), True, ("1分",), ("ゆで卵",)),
    Case("will not known: any item", examined(25, q_skip_breakfast=1), True, ("バナナ",)),
    Case("soon: staple and protein", examined(28, q_skip_breakfast=1, q_will=3), True, ("ゆで卵", "5分"), ("野菜",)),
    Case("at it: vegetables too", examined(28, q_skip_breakfast=1, q_will=5), True, ("野菜",)),
    Case("at the edge, 29", examined(29, q_skip_breakfast=1), True),
    Case("at 30 the general rule", examined(30, q_skip_breakfast=1), False),
    Case("at 17", examined(17, q_skip_breakfast=1), False),
    Case("kidney signs: the general rule", examined(25, q_skip_breakfast=1, egfr=50), False),
    Case("does not skip", examined(25, q_skip_breakfast=2), False),
)
