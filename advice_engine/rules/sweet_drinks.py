"""Snacks or sweet drinks every day (questionnaire item 16) and BMI from 25: what drinks hold, in kcal."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.dishes import about, dishes
from advice_engine.energy import may_lose
from advice_engine.facts import Facts
from advice_engine.history import answered
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by, number

SOURCE = checkup("標準的な質問票16(間食)の解説。飲み物のエネルギーは日本食品標準成分表(八訂)からの見積もり")


def when(facts: Facts) -> Speech | None:
    daily, mass = answered(facts, "q_snack", 1), may_lose(facts)
    if daily is None or mass is None:
        return None
    kcal = {name: dishes()[name].holds("kcal") for name in ("cola", "sports_drink", "sweet_coffee")}
    return Speech(
        "甘い飲み物を、1日1本だけお茶に",
        f"{checkup_day(daily.on)}の質問票で、おやつや甘い飲み物を毎日とるとのお答えでした。"
        f"コーラ500 mLは{about(kcal['cola'], 'kcal')}で、ごはん1杯とほぼ同じです。"
        f"スポーツ飲料500 mLは{about(kcal['sports_drink'], 'kcal')}、"
        f"甘い缶コーヒー1本は{about(kcal['sweet_coffee'], 'kcal')}です。"
        "まずは1日1本を、お茶か麦茶、無糖のコーヒーにかえてみましょう。"
        "暑い日の畑仕事や運動で汗をたくさんかくときは、がまんせずに飲んでください。",
        f"質問票のお答えとBMIをもとにしています。{by(SOURCE)}",
        (
            answer_ground(daily, "三食のほかの間食や甘い飲み物"),
            Ground("bmi", "BMI", number(mass.value, 1), mass.on.isoformat()),
        ),
        English(
            "One sweet drink a day changed to tea",
            f"At your checkup on {english.day(daily.on)} you said that you have snacks or sweet drinks every day. "
            f"Half a litre of cola holds about {round(kcal['cola'], -1):.0f} kcal, nearly as much as a bowl of rice. "
            f"A sports drink holds about {round(kcal['sports_drink'], -1):.0f} kcal. A can of sweet coffee holds about "
            f"{round(kcal['sweet_coffee'], -1):.0f} kcal. You could begin with one a day, and have tea or coffee "
            "without sugar in its place. On hot days with much sweat, do drink what you need.",
        ),
    )


RULE = Rule(
    id="sweet_drinks",
    title="間食や甘い飲み物を毎日とり、BMIが25以上",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="meals",
    needs=("checkups", "days:weight", "conditions", "drugs"),
    when=when,
    rest_days=21,
    source=SOURCE,
    false_alarms="甘い飲み物をもともと飲まない方(間食だけの方)、暑い日の作業で飲んでいる方。",
)
