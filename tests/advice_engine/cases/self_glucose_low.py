from advice_person import Case, person, sugar

CASES = (
    Case("69 today", person(glucoses=(sugar(69),)), True, ("69 mg/dL", "ブドウ糖10g", "119番", "主治医")),
    Case("yesterday", person(glucoses=(sugar(50, ago=1), sugar(120))), True, ("50 mg/dL",)),
    Case("at the edge", person(glucoses=(sugar(70),)), False),
    Case("two days ago", person(glucoses=(sugar(50, ago=2),)), False),
)
