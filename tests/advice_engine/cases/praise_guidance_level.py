from advice_person import HEALTHY, Case, over_years

LARGE = {**HEALTHY, "waist": 90.0, "office_bp_sys": 135.0, "tg_fasting": 170.0}
CASES = (
    Case("積極的 to none", over_years(LARGE, HEALTHY), True, ("積極的支援", "なし")),
    Case("unchanged", over_years(LARGE, LARGE), False),
    Case("worse", over_years(HEALTHY, LARGE), False),
    Case("medicine since", over_years(LARGE, {**HEALTHY, "q_med_bp": 1}), False),
    Case("one checkup", over_years(HEALTHY), False),
)
