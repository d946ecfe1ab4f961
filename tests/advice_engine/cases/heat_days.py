from datetime import date

from advice_person import Case, daily, examined, having, person
from other_days import JULY, on

WALKS = {"steps": daily([5000] * 7, newest=1)}
CASES = (
    Case("65 in July", on(JULY, person(65, days=WALKS)), True, ("朝8時まで", "28以上", "31以上", "コップ半分")),
    Case("40, walks", on(JULY, person(40, days=WALKS)), True),
    Case("40, no steps known", on(JULY, person(40)), False),
    Case("a child", on(JULY, person(12, days=WALKS)), False),
    Case(
        "kidneys: no word on how much to drink", on(JULY, examined(70, egfr=50)), True, ("言われている量",), ("コップ",)
    ),
    Case("heart: the same", on(JULY, having(examined(70), conditions=frozenset({"I50.9"}))), True, (), ("コップ",)),
    Case("the last day of May", on(date(2026, 5, 31), person(70, days=WALKS)), False),
    Case("the first of June", on(date(2026, 6, 1), person(70, days=WALKS)), True),
    Case("the last of September", on(date(2026, 9, 30), person(70, days=WALKS)), True),
    Case("in January", person(70, days=WALKS), False),
)
