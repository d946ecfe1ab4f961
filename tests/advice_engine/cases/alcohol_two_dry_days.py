from advice_person import Case, examined

MOST = {"q_drink_frequency": 1, "q_drink_amount": 2, "ggt": 60}

CASES = (
    Case("a man daily 1-2合, γ-GT 60", examined(**MOST), True, ("週に2日", "約22 g"), ("飲みましょう",)),
    Case("on five days", examined(**(MOST | {"q_drink_frequency": 2})), True),
    Case("on three days", examined(**(MOST | {"q_drink_frequency": 3})), False),
    Case("over the risk line: the other rule", examined(**(MOST | {"q_drink_amount": 3})), False),
    Case("a woman is over the line with 1合", examined(sex="female", **MOST), False),
    Case("a woman below it", examined(sex="female", **(MOST | {"q_drink_amount": 1})), True),
    Case("all values within", examined(**(MOST | {"ggt": 50})), False),
    Case("at the edge: pressure 130", examined(**(MOST | {"ggt": 50, "office_bp_sys": 130})), True, ("130 mmHg",)),
    Case("at 19", examined(19, **MOST), False),
)
