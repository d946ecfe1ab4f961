from advice_person import Case, measured, person

MONITOR = frozenset({"bp_sys", "bp_dia"})

CASES = (
    Case("never measured", person(devices=MONITOR), True, ("まだありません", "2回")),
    Case("two days", person(devices=MONITOR, pressures=(measured(1, 1, ago=1), measured(1, 1))), True, ("2日でした",)),
    Case(
        "three days, at the edge",
        person(devices=MONITOR, pressures=tuple(measured(1, 1, ago=n) for n in (4, 2, 0))),
        False,
    ),
    Case("a child of the household", person(17, devices=MONITOR), False),
    Case("no monitor", person(), False),
)
