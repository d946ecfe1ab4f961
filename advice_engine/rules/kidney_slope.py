"""eGFR falls by 5 and more a year over three or more values and a year or more, and lies below 90."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, ground
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.kidney import STEEP_PER_YEAR, course, lately, slope_per_year
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import kidney
from advice_engine.vetoes import ADULT
from advice_engine.words import by, day, number

SOURCE = kidney("eGFRの低下の速さ(1年に5以上)", verified=False)
NORMAL = 90.0  # a steep course within the normal range is mostly noise


def when(facts: Facts) -> Speech | None:
    values = course(facts)
    slope = slope_per_year(values) if lately(values, ago(facts, FRESH_DAYS)) else None
    if slope is None or slope > STEEP_PER_YEAR or values[-1].value >= NORMAL or facts.age < ADULT:
        return None
    first, last = values[0], values[-1]
    return Speech(
        "腎臓の値が、年ごとに下がってきています",
        f"eGFR(腎臓がきれいにする力)は、{day(first.on)}が{number(first.value, 1)}、"
        f"{day(last.on)}が{number(last.value, 1)}でした。{len(values)}回の結果から、"
        f"1年におよそ{number(-slope)}ずつ下がっています。"
        "1か月のうちに内科で、何年分かの健診の結果を見せて相談してください。"
        "通院中の方は、お薬を今までどおり続けて、主治医に見せてください。",
        f"eGFRが1年に5以上下がっています。{by(SOURCE)}",
        tuple(ground(one) for one in values[-5:]),
        English(
            "Your kidney value goes down from year to year",
            f"Your eGFR was {english.amount('egfr', first.value)} on {english.day(first.on)} and "
            f"{english.amount('egfr', last.value)} on {english.day(last.on)}. Over {len(values)} results it went "
            "down by "
            f"about {number(-slope)} a year. Please show the results of these years to a doctor within a month. "
            f"{english.KEEP_ON}",
        ),
    )


RULE = Rule(
    id="kidney_slope",
    title="eGFRが1年に5以上ずつ下がっている(3回以上・1年以上)",
    kind="referral",
    urgency=2,
    audience="both",
    topic="kidney_course",
    needs=("checkups",),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="値のゆれ(水分、運動、筋肉の量)、検査の方法や施設の違い。",
    clinic_first=True,
    renews=True,
)
