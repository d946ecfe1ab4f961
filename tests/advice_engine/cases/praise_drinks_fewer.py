from advice_person import Case, having, over_years


def drinks(often: int, much: int):
    return {"q_drink_frequency": often, "q_drink_amount": much}


CASES = (
    Case("from 2合 to 1合", over_years(drinks(1, 3), drinks(1, 2)), True, ("2025年5月20日", "負担")),
    Case("stopped", over_years(drinks(1, 3), {"q_drink_frequency": 7}), True),
    Case("still over the line", over_years(drinks(1, 4), drinks(1, 3)), False),
    Case("never over it", over_years(drinks(1, 2), drinks(1, 1)), False),
    Case("at the edge: fewer days are enough", over_years(drinks(2, 3), drinks(3, 3)), True),
    Case("the amount not answered", over_years(drinks(1, 3), {"q_drink_frequency": 1}), False),
    Case("at 19", over_years(drinks(1, 3), drinks(1, 2), age=19), False),
    Case("left to a doctor", having(over_years(drinks(1, 3), drinks(1, 2)), conditions=frozenset({"O09.9"})), False),
)
