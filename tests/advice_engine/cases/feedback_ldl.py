from advice_person import Case, examined, over_years

CASES = (
    Case("120 at the line", examined(ldl=120), True, ("120 mg/dL以上", "魚や大豆")),
    Case("just below", examined(ldl=119), False),
    Case("non-HDL alone", examined(ldl=110, non_hdl=150), True, ("Non-HDLコレステロール 150",)),
    Case("the referral says it", examined(ldl=140), False),
    Case("up since last year", over_years({"ldl": 90}, {"ldl": 130}), True, ("90 mg/dLから上がって",)),
    Case("a wobble", over_years({"ldl": 118}, {"ldl": 130}), True, ("130",), ("前回",)),
)
