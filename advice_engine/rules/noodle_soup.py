"""Pressure from 130/85 and late dinners or drinking on most days: the soup of noodles stays in the bowl."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day, office_pressure
from advice_engine.dishes import about, dishes
from advice_engine.facts import Facts
from advice_engine.history import ANSWERS_HOLD_DAYS, Found, answered
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.vetoes import ADULT
from advice_engine.words import by

LINE, OLDER = (130, 85), 75
SOURCE = pressure("生活習慣の修正(減塩)。めん類の汁の塩分は見積もり", verified=False)


def when(facts: Facts) -> Speech | None:
    found, habit = office_pressure(facts, within=ANSWERS_HOLD_DAYS), _habit(facts)
    if found is None or habit is None or not found.at_least(*LINE) or not ADULT <= facts.age < OLDER:
        return None
    ramen = dishes()["ramen_soup"].holds("salt_g") - dishes()["ramen_soup_half"].holds("salt_g")
    cup = dishes()["cup_noodles"].holds("salt_g") - dishes()["cup_noodles_dry"].holds("salt_g")
    what = "寝る前2時間以内の夕食が週3回以上ある" if habit.metric == "q_late_dinner" else "お酒を飲む回数"
    return Speech(
        "ラーメンの汁を、半分残しませんか",
        f"{checkup_day(found.on)}で、血圧は{found.text}でした。おそい時刻や、お酒のあとのめん類は、塩分が多くなりがちです。"
        f"ラーメンの汁を半分残すと、塩分が{about(ramen, 'g')}少なくなります。"
        f"カップめんの汁を残すと{about(cup, 'g')}です。"
        "めんと具を先に食べ、れんげを使わないのがこつです。酢やこしょうを足すと、うす味でもおいしく食べられます。",
        f"健診の血圧と質問票のお答えをもとにしています。{by(SOURCE)}",
        (*found.grounds, answer_ground(habit, what)),
        English(
            "Half of the noodle soup left in the bowl?",
            f"Your checkup on {english.day(found.on)} showed {found.text_en}. Noodles late in the evening or after "
            f"drinks bring much salt. Half of the ramen soup left in the bowl saves about {ramen:.1f} g of salt. "
            f"The soup of instant noodles left saves about {cup:.1f} g. "
            "Eat the noodles and toppings first and put the spoon aside. Vinegar or pepper gives taste without salt.",
        ),
    )


def _habit(facts: Facts) -> Found | None:
    return answered(facts, "q_late_dinner", 1) or answered(facts, "q_drink_frequency", 1, 2, 3)


RULE = Rule(
    id="noodle_soup",
    title="健診の血圧 130/85以上で、夕食がおそいかお酒の日が多い(めん類の汁)",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="noodles",
    needs=("checkups",),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="めん類をほとんど食べない方、汁をもともと残している方。",
)
