from datetime import date

from advice_person import Case, examined, having

CASES = (
    Case("fast, in November", examined(q_eat_fast=1), True, ("350 g", "5つ", "ブロッコリー")),
    Case("in winter", having(examined(q_eat_fast=1), today=date(2027, 1, 10)), True, ("小松菜",)),
    Case("in summer", having(examined(q_eat_fast=1), today=date(2026, 7, 10)), True, ("トマト",)),
    Case("as fast as others", examined(q_eat_fast=2), False),
    Case("kidney signs", examined(q_eat_fast=1, egfr=59), False),
    Case("at the edge", examined(74, q_eat_fast=1), True),
    Case("at 75", examined(75, q_eat_fast=1), False),
)
