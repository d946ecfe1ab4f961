from advice_person import Case, person, sugar

CASES = (
    Case("300 today", person(glucoses=(sugar(300),)), True, ("300 mg/dL", "今日のうちに")),
    Case("at the edge, below", person(glucoses=(sugar(299),)), False),
    Case("two days ago", person(glucoses=(sugar(400, ago=2),)), False),
)
