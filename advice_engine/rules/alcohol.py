"""Drinking at an amount that raises risk (questionnaire items 18 x 19). Never a word that invites to drink."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.drinking import DAILY, DAILY_G, KNOWN, KNOWN_EN, MUCH, at_risk, drinks
from advice_engine.facts import Facts
from advice_engine.history import Found
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import drinking
from advice_engine.words import by

SOURCE = drinking("生活習慣病のリスクを高める飲酒量(質問票の組み合わせは国民健康・栄養調査)", verified=False)
SLOWLY = "長く続けてきた方は、急に断つと体調をくずすことがあります。保健師や医療機関と相談しながら進めましょう。"
SLOWLY_EN = (
    "If you have drunk for long, do not give up all at once: talk with a nurse or a doctor and go step by step. "
)


def when(facts: Facts) -> Speech | None:
    pair = drinks(facts)
    return _speech(facts, *pair) if pair and at_risk(pair[0].value, pair[1].value, facts.sex) else None


def _speech(facts: Facts, often: Found, much: Found) -> Speech:
    heavy = often.value in DAILY and much.value >= MUCH
    line = DAILY_G.get(facts.sex, DAILY_G["male"])
    return Speech(
        "お酒の量を、少しへらしてみませんか",
        f"{checkup_day(often.on)}の質問票のお答えでは、お酒の量が多めでした。{KNOWN}"
        f"1日に{line} g以上が続くと、体への負担が大きくなります。"
        "まずは、飲まない日を週に2日つくる、1杯へらす、水や炭酸水をあいだに飲む、のどれかを選んでみましょう。"
        f"{SLOWLY if heavy else ''}お薬を使っている方は、主治医にお酒のことを伝えてください。",
        f"飲む回数と量のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(often, "お酒を飲む回数"), answer_ground(much, "飲む日の量(日本酒に直して)")),
        English(
            "A little less alcohol?",
            f"By your answers at the checkup on {english.day(often.on)} you drink rather much. {KNOWN_EN}"
            f"With {line} g a day or more over time, the strain on the body grows. You could choose one of these: two "
            "days a week without alcohol, one drink less, or water between drinks. "
            f"{SLOWLY_EN if heavy else ''}If you take medicine, tell your doctor about alcohol.",
        ),
    )


RULE = Rule(
    id="alcohol",
    title="お酒の量が多め",
    kind="advice",
    urgency=2,
    audience="citizen",
    topic="alcohol",
    needs=("checkups",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="答えのあとに減らした方、行事のあった時期だけ多かった方。",
)
