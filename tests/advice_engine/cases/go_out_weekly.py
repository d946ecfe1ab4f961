from advice_person import Case, back, examined
from other_days import JANUARY, on

CASES = (
    Case("less than once a week", examined(80, q75_goes_out=2), True, ("15分だけ",), ("雪の日",)),
    Case("in the snow", on(JANUARY, examined(80, q75_goes_out=2)), True, ("雪の日は無理をせず",)),
    Case("goes out", examined(80, q75_goes_out=1), False),
    Case("answered long ago", examined(80, back(731), q75_goes_out=2), False),
)
