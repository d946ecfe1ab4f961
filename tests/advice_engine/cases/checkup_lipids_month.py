from advice_person import Case, examined, having

CANCER = {"conditions": frozenset({"C18.7"})}

CASES = (
    Case("LDL 140", examined(ldl=140), True, ("140 mg/dL",)),
    Case("cancer care: no word on diet", having(examined(ldl=150), **CANCER), True, ("内科で",), ("揚げ物", "大豆")),
    Case("triglycerides 300", examined(tg_casual=300, blood_draw=3), True),
    Case("non-HDL 170", examined(non_hdl=170), True),
    Case("at the edge, below", examined(ldl=139, non_hdl=169, tg_fasting=299), False),
    Case("LDL 180: another rule says it", examined(ldl=180, tg_fasting=320), False),
    Case("on treatment", examined(ldl=150, q_med_lipid=1), False),
)
