"""Snacks or sweet drinks every day beside the three meals (questionnaire item 16)."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.dishes import about, dishes
from advice_engine.energy import NO_DEFICIT_AGE
from advice_engine.facts import Facts
from advice_engine.history import answered, bmi
from advice_engine.intakes import thin
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

SOURCE = checkup("標準的な質問票16(間食)の解説")


def when(facts: Facts) -> Speech | None:
    daily = answered(facts, "q_snack", 1)
    if daily is None or facts.age >= NO_DEFICIT_AGE or _thin(facts):
        return None
    can = dishes()["sweet_coffee"].holds("kcal")
    return Speech(
        "おやつの飲み物を、お茶にかえてみませんか",
        f"{checkup_day(daily.on)}の質問票で、おやつや甘い飲み物を毎日とるとのお答えでした。"
        "楽しみはそのままで、まずは飲み物だけ、お茶か水にかえてみましょう。"
        f"甘い缶コーヒー1本をお茶にかえると、{about(can, 'kcal')}少なくなります。"
        "お菓子は、袋から小皿に1回分だけ出して、昼間に食べるのがおすすめです。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(daily, "三食のほかの間食や甘い飲み物"),),
        English(
            "Tea with your snack?",
            f"At your checkup on {english.day(daily.on)} you said that you have snacks or sweet drinks every day. "
            "Keep the pleasure, and begin with the drink: tea or water in its place. "
            f"A can of sweet coffee changed to tea saves about {round(can, -1):.0f} kcal. "
            "Put one helping of sweets on a small plate, and have it in the daytime.",
        ),
    )


def _thin(facts: Facts) -> bool:
    found = bmi(facts)
    return found is not None and thin(found.value, facts.age)


RULE = Rule(
    id="snacks",
    title="間食や甘い飲み物を毎日とる",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="meals",
    needs=("checkups", "days:weight"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="食事の量が少なく間食で補っている方、果物や乳製品をおやつにしている方。",
)
