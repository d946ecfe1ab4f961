"""Chokes on tea or soup at times (後期高齢者の質問票 item 5): to a doctor or dentist before any menu."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered
from advice_engine.intakes import OLDER
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import older_questionnaire
from advice_engine.words import by

SOURCE = older_questionnaire("質問5(口腔機能、むせ)の見方", verified=False)


def when(facts: Facts) -> Speech | None:
    chokes = answered(facts, "q75_chokes", 1)
    if chokes is None or facts.age < OLDER:
        return None
    return Speech(
        "むせることを、一度相談しましょう",
        f"{checkup_day(chokes.on)}の質問票で、お茶や汁物でむせることがあるとのお答えでした。"
        "むせる回数がふえた、食事に時間がかかる、体重がへってきたという方は、かかりつけの内科か歯科に相談してください。"
        "食べるときは、背すじを伸ばし、あごを軽く引いて、ひと口を少なく。汁物は、あわてず少しずつ飲みましょう。"
        "熱が続くときや息が苦しいときは、早めに受診してください。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(chokes, "お茶や汁物でむせることがある"),),
        English(
            "Please ask about choking",
            f"At your checkup on {english.day(chokes.on)} you said that you choke on tea or soup at times. If it "
            "happens more often, meals take long or your weight goes down, ask your doctor or dentist. "
            "When you eat, sit upright, draw your chin in a little and take small mouthfuls. Take soup slowly. "
            "With a lasting fever or trouble breathing, see a doctor soon.",
        ),
    )


RULE = Rule(
    id="chokes_on_soup",
    title="65歳以上で、お茶や汁物でむせることがある",
    kind="referral",
    urgency=1,
    audience="both",
    topic="swallowing",
    needs=("checkups",),
    when=when,
    rest_days=90,
    source=SOURCE,
    false_alarms="たまたま急いで飲んだときだけの方、すでに診てもらっている方。",
    renews=True,
)
