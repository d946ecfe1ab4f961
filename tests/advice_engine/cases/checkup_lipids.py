from advice_person import Case, examined

CASES = (
    Case("LDL 180", examined(ldl=180), True, ("180 mg/dL", "早めに")),
    Case("triglycerides 500", examined(tg_fasting=500), True),
    Case("at the edge, below", examined(ldl=179, tg_fasting=499), False),
    Case("triglycerides too soon after the meal", examined(tg_casual=600, blood_draw=4), False),
    Case("on treatment", examined(ldl=190, q_med_lipid=1), False),
)
