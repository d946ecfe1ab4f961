"""Drinking at an amount that raises risk (questionnaire items 18 x 19). Never a word that invites to drink."""

from csv import DictReader
from importlib.resources import files

from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import Found, answered
from advice_engine.rule import Rule, Speech
from advice_engine.sources import drinking
from advice_engine.words import by

# From which 飲酒量 code a 飲酒頻度 code counts; 国民健康・栄養調査 (unverified).
GRID = {
    int(row["frequency"]): {"male": int(row["men_from"]), "female": int(row["women_from"])}
    for row in DictReader((files("advice_engine") / "drinking_risk.csv").read_text("utf-8").splitlines())
}
DAILY, MUCH, GROWN_UP = (1, 2), 4, 20
SOURCE = drinking("生活習慣病のリスクを高める飲酒量(質問票の組み合わせは国民健康・栄養調査)", verified=False)


def when(facts: Facts) -> Speech | None:
    often, much = answered(facts, "q_drink_frequency", *GRID), answered(facts, "q_drink_amount", 1, 2, 3, 4, 5)
    if often is None or much is None or often.on != much.on or facts.age < GROWN_UP:
        return None
    line = GRID[int(often.value)].get(facts.sex, GRID[int(often.value)]["male"])
    return _speech(often, much) if much.value >= line else None


def _speech(often: Found, much: Found) -> Speech:
    heavy = often.value in DAILY and much.value >= MUCH
    slowly = (
        "長く続けてきた方は、急に全部を断つと体調をくずすことがあります。保健師や医療機関と相談しながら進めましょう。"
        if heavy
        else ""
    )
    return Speech(
        "お酒の量を、少しへらしてみませんか",
        f"{checkup_day(often.on)}の質問票のお答えでは、お酒の量が多めでした。お酒は少ないほど、体への負担が軽くなります。"
        "まずは、飲まない日を週に2日つくる、1回の量を半分にする、水や炭酸水をあいだに飲む、のどれかを選んでみましょう。"
        f"{slowly}お薬を使っている方は、主治医にお酒のことを伝えてください。",
        f"飲む回数と量のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(often, "お酒を飲む回数"), answer_ground(much, "飲む日の量(日本酒に直して)")),
    )


RULE = Rule(
    id="alcohol",
    title="お酒の量が多め",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="alcohol",
    needs=("checkups",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="答えのあとに減らした方、行事のあった時期だけ多かった方。",
)
