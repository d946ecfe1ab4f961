from datetime import date

from advice_person import Case, examined, over_years

CASES = (
    Case("130 at the line", examined(office_bp_sys=130, office_bp_dia=80), True, ("130 mmHg", "130 mmHg以上")),
    Case("just below, nothing before", examined(office_bp_sys=129, office_bp_dia=84), False),
    Case("the referral says it", examined(office_bp_sys=140, office_bp_dia=80), False),
    Case("on treatment", examined(office_bp_sys=134, q_med_bp=1), True, ("今までどおり",), ("家でも朝と晩",)),
    Case(
        "risen within the range",
        over_years({"office_bp_sys": 104, "office_bp_dia": 70}, {"office_bp_sys": 128, "office_bp_dia": 70}),
        True,
        ("目安の範囲です", "104 mmHgから上がって"),
    ),
    Case("back within is praised elsewhere", over_years({"office_bp_sys": 150}, {"office_bp_sys": 120}), False),
    Case("older than a year", examined(on=date(2025, 5, 1), office_bp_sys=134), False),
)
