from advice_person import Case, examined, having

TWO = {"q75_slower": 1, "q75_exercise": 2}
CASES = (
    Case("slower and no exercise", examined(78, **TWO), True, ("ゆっくり5回", "減らすことは考えず", "豆腐")),
    Case("one only, at the edge", examined(78, q75_slower=1, q75_exercise=1), False),
    Case("64", examined(64, **TWO), False),
    Case("65", examined(65, **TWO), True),
    Case("kidneys: no word on food", examined(78, egfr=50, **TWO), True, ("かかと上げ",), ("豆腐",)),
    Case("glucose tablets: the same", having(examined(78, q_med_glucose=1, **TWO)), True, (), ("豆腐",)),
    Case("all three", examined(78, q75_lost_weight=1, **TWO), True, ("3つのお答え",)),
)
