from advice_person import Case, examined, having, person, week

CASES = (
    Case("125 on treatment", having(examined(q_med_bp=1), pressures=week(125, 70)), True, ("125/75", "今までどおり")),
    Case("in the goal", having(examined(q_med_bp=1), pressures=week(124, 74)), False),
    Case("135 is a referral", having(examined(q_med_bp=1), pressures=week(135, 70)), False),
    Case("not on treatment", person(pressures=week(128, 78)), False),
    Case("75 years", having(examined(75, q_med_bp=1), pressures=week(128, 78)), False),
)
