from advice_person import Case, examined

CASES = (
    Case("150 at the line", examined(tg_fasting=150), True, ("150 mg/dL以上",)),
    Case("just below", examined(tg_fasting=149), False),
    Case("casual at its own line", examined(tg_casual=175), True, ("175 mg/dL以上",)),
    Case("casual below its own line", examined(tg_casual=174), False),
    Case("too soon after a meal", examined(tg_casual=200, blood_draw=4), False),
    Case("a doctor decides on food", examined(tg_fasting=160, q_kidney=1), True, ("次に医療機関",), ("お酒",)),
)
