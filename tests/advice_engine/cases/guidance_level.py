from datetime import date

from advice_person import HEALTHY, Case, examined, having

LARGE = {**HEALTHY, "waist": 90.0, "office_bp_sys": 135.0, "fpg": 105.0}

CASES = (
    Case("積極的支援", examined(**LARGE), True, ("積極的支援", "案内が届いたら"), ("かかりません",)),
    Case("at 70: 動機付け支援", examined(70, **LARGE), True, ("動機付け支援",), ("積極的支援",)),
    Case("なし", examined(**HEALTHY), True, ("対象ではありません",)),
    Case("on treatment", examined(**{**LARGE, "q_med_bp": 1}), True, ("主治医のもと",)),
    Case("too little measured", examined(office_bp_sys=120), True, ("足りません",)),
    Case("the document says otherwise", examined(**LARGE, guidance_level=3), True, ("結果票のほうが正式",)),
    Case("the document agrees", examined(**LARGE, guidance_level=1), True, never=("結果票",)),
    Case("years ago", examined(74, date(2020, 4, 4), **HEALTHY), True, ("1年より前",)),
    Case("75 since the checkup", examined(75, date(2025, 12, 1), **LARGE), False),
    Case("treated since", having(examined(**LARGE), drugs=frozenset({"2171022F1029"})), True, ("主治医のもと",)),
    Case("39 by the end of the fiscal year", examined(38, **HEALTHY), False),
    Case("40 by the end of the fiscal year", examined(39, **HEALTHY), True),
    Case("75 by the end of the fiscal year", examined(74, **HEALTHY), False),
    Case("no checkup", examined(55, date(2027, 1, 1), **HEALTHY), False),
)
