"""Women of 65 and older whose kidneys were measured well: calcium and vitamin D by dishes."""

from advice_engine.checkup_values import ground
from advice_engine.dishes import about, dishes
from advice_engine.facts import Facts
from advice_engine.history import ANSWERS_HOLD_DAYS, kidney_signs, latest
from advice_engine.intakes import VITAMIN_D_UG, calcium_mg
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import diet
from advice_engine.words import by

SOURCE = diet("カルシウムの推奨量、ビタミンDの目安量")
MENU = ("milk", "tofu", "greens")


def when(facts: Facts) -> Speech | None:
    aim, kidneys = calcium_mg(facts.sex, facts.age), latest(facts, "egfr", within=ANSWERS_HOLD_DAYS)
    if aim is None or kidneys is None or kidney_signs(facts):
        return None
    parts = {name: dishes()[name].holds("calcium_mg") for name in MENU}
    listed = "、".join(f"{dishes()[name].ja}({about(mg, 'mg')})" for name, mg in parts.items())
    listed_en = ", ".join(f"{dishes()[name].en} (about {round(mg, -1):.0f} mg)" for name, mg in parts.items())
    salmon = dishes()["salmon"].holds("vitamin_d_ug")
    return Speech(
        "骨のために、1日1品",
        f"65歳からの女性のカルシウムの目安は、1日{aim} mgです。"
        f"{listed}で、約{round(sum(parts.values()), -1):.0f} mgになります。"
        "まずは、足りないと思う品を1日1品、足してみませんか。"
        f"骨にはビタミンDも大切です。目安は1日{VITAMIN_D_UG:g} µgで、"
        f"{dishes()['salmon'].ja}に{about(salmon, 'µg')}入っています。"
        "天気のよい日に10分ほど外に出るのもよい方法です。骨の薬やサプリメントを使っている方は、主治医に相談してください。",
        f"年齢と性別、健診の腎臓の値をもとにしています。{by(SOURCE)}",
        (ground(kidneys),),
        English(
            "One dish a day for your bones",
            f"For women from 65 on, the aim is {aim} mg of calcium a day. For example: {listed_en}. "
            f"Together that is about {round(sum(parts.values()), -1):.0f} mg. You could add one of them a day. "
            f"Bones need vitamin D too. The aim is {VITAMIN_D_UG:g} micrograms a day, and a slice of grilled salmon "
            f"holds about {round(salmon, -1):.0f}. Ten minutes outside on a fine day is good too. "
            "If you take medicine or supplements for your bones, ask your doctor.",
        ),
    )


RULE = Rule(
    id="calcium_older_women",
    title="65歳以上の女性のカルシウムとビタミンD",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="bones",
    needs=("checkups", "conditions"),
    when=when,
    rest_days=90,
    source=SOURCE,
    false_alarms="すでによくとっている方、骨の治療を受けている方、乳製品や大豆が合わない方。",
)
