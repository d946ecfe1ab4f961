from datetime import date

from advice_person import Case, examined

CASES = (
    Case("skips", examined(45, q_skip_breakfast=1), True, ("バナナ", "おにぎり", "2026年5月20日")),
    Case("does not skip", examined(45, q_skip_breakfast=2), False),
    Case("two years ago, at the edge", examined(45, date(2024, 11, 21), q_skip_breakfast=1), True),
    Case("more than two years ago", examined(45, date(2024, 11, 20), q_skip_breakfast=1), False),
    Case("in the twenties the other rule", examined(29, q_skip_breakfast=1), False),
    Case("at the edge", examined(30, q_skip_breakfast=1), True),
    Case(
        "in the twenties with kidney signs", examined(25, q_skip_breakfast=1, egfr=50), True, ("おにぎり",), ("バナナ",)
    ),
    Case(
        "kidney signs: no fruit, no vegetables",
        examined(q_skip_breakfast=1, egfr=50),
        True,
        ("おにぎり",),
        ("バナナ", "野菜"),
    ),
)
