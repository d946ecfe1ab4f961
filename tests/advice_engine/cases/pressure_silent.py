from advice_person import Case, having, measured, person

CUFF = person(devices=frozenset({"bp_sys"}))
CASES = (
    Case("last 20 days ago", having(CUFF, pressures=(measured(130, 80, ago=20),)), True, ("2026年11月1日", "2回")),
    Case("14 days ago, at the edge", having(CUFF, pressures=(measured(130, 80, ago=14),)), True),
    Case("13 days ago", having(CUFF, pressures=(measured(130, 80, ago=13),)), False),
    Case("never", CUFF, False),
    Case("no cuff", having(person(), pressures=(measured(130, 80, ago=20),)), False),
)
