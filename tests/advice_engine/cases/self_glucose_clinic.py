from advice_person import Case, examined, having, person, sugar

CASES = (
    Case("200", person(glucoses=(sugar(200, ago=13), sugar(120))), True, ("200 mg/dL", "内科")),
    Case("at the edge, below", person(glucoses=(sugar(199),)), False),
    Case("two weeks ago", person(glucoses=(sugar(250, ago=14),)), False),
    Case("on treatment", having(examined(q_med_glucose=1), glucoses=(sugar(250),)), False),
    Case("a recorded condition", person(glucoses=(sugar(250),), conditions=frozenset({"E11.9"})), False),
)
