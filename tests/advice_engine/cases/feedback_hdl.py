from advice_person import Case, examined

CASES = (
    Case("39", examined(hdl=39), True, ("40 mg/dL未満", "10分多く")),
    Case("at the line", examined(hdl=40), False),
    Case("heart disease: the doctor decides on exercise", examined(hdl=35, q_heart=1), True, (), ("10分多く",)),
)
