from advice_person import Case, back, having, person

from advice_engine.facts import Goal


def ends(ago: int, kind: str = "weigh_in") -> Goal:
    return Goal(kind=kind, target=5, since=back(ago + 56), until=back(ago))  # type: ignore[arg-type]


CASES = (
    Case("ends in a week", person(goals=(ends(-7),)), True, ("までです", "お休み"), ("失敗",)),
    Case("ends in eight days, at the edge", person(goals=(ends(-8),)), False),
    Case("ended two weeks ago", person(goals=(ends(14),)), True, ("まででした",)),
    Case("ended fifteen days ago", person(goals=(ends(15),)), False),
    Case(
        "steps while the doctor decides on exercise",
        having(person(goals=(ends(-3, "steps"),)), conditions=frozenset({"I50.0"})),
        False,
    ),
)
