"""Home blood pressure from 125/75: less salt, by the dishes of the day. Nothing on potassium (kidneys)."""

from advice_engine import english
from advice_engine.dishes import about, dishes
from advice_engine.facts import Facts
from advice_engine.history import kidney_signs
from advice_engine.home_pressure import HIGHEST, HomeMean, home_mean
from advice_engine.intakes import salt_aim
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.words import by, either

ELEVATED = (125, 75)
SOURCE = pressure("高値血圧(家庭)と生活習慣の修正(減塩)")


def when(facts: Facts) -> Speech | None:
    mean = home_mean(facts)
    if mean is None or not mean.at_least(ELEVATED) or mean.at_least(HIGHEST):
        return None
    return _speech(facts, mean)


def _speech(facts: Facts, mean: HomeMean) -> Speech:
    (aim, aim_en), kidneys = salt_aim(facts), kidney_signs(facts)
    soup, pickle, soy = (dishes()[name].holds("salt_g") for name in ("miso_soup", "takuan_4", "soy_1"))
    return Speech(
        "みそ汁は1日1杯にしてみませんか",
        f"{mean.said}塩分を少しへらすことから始めましょう。"
        f"みそ汁は1日1杯{'' if kidneys else '、具だくさん'}にする(1杯で塩分{about(soup, 'g')})。"
        f"めん類のつゆは残す。漬物は1日1回、小皿に少しだけ(たくあん4切れで{about(pickle, 'g')})。"
        f"しょうゆはかけずに、小皿につける(小さじ1で{about(soy, 'g')})。"
        f"まずは、できそうなものをひとつ選んでください。塩分の目安は{aim}です。",
        f"家庭血圧の平均は、{either(*ELEVATED)}の範囲です。{by(SOURCE)}",
        mean.grounds,
        English(
            "One bowl of miso soup a day?",
            f"{english.home_mean(mean)} You could begin with a little less salt. "
            f"Have one bowl of miso soup a day{'' if kidneys else ', full of vegetables'} "
            f"(about {soup:.1f} g of salt). "
            f"Leave the soup of noodles. Have pickles once a day (four slices of takuan: about {pickle:.1f} g). "
            f"Dip into soy sauce and do not pour it (a teaspoon: about {soy:.1f} g). Please choose one that you can "
            f"do. The aim is {aim_en}.",
        ),
    )


RULE = Rule(
    id="salt_home_pressure",
    title="家庭血圧が高めのときの減塩",
    kind="advice",
    urgency=2,
    audience="citizen",
    topic="salt",
    needs=("pressures", "checkups", "conditions", "drugs"),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="すでに減塩している方、食事の量が少なく塩分も足りない高齢の方、汗を多くかく作業の日。",
)
