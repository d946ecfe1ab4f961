"""Three cups of sake or more on a drinking day (60 g of alcohol and more at once), although not often."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.drinking import AT_ONCE_G, KNOWN, KNOWN_EN, at_risk, drinks, least_g
from advice_engine.facts import Facts
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import drinking
from advice_engine.words import by

SOURCE = drinking("一時多量飲酒(1回に純アルコール60 g以上)")


def when(facts: Facts) -> Speech | None:
    pair = drinks(facts)
    if pair is None or least_g(pair[1].value) < AT_ONCE_G or at_risk(pair[0].value, pair[1].value, facts.sex):
        return None
    often, much = pair
    return Speech(
        "集まりの日は、水をあいだに1杯",
        f"{checkup_day(much.on)}の質問票で、お酒の日は日本酒に直して3合以上とのお答えでした。"
        f"これは純アルコールで約{least_g(much.value):.0f} g以上にあたります。"
        f"1回に{AT_ONCE_G} gをこえると、けがや急な不調が起きやすくなります。"
        f"{KNOWN}先に量を決める、食べてから始める、1杯ごとに水を1杯はさむ、のどれかを選んでみましょう。"
        "運転の予定がある日、お薬を使っている日は、口にしないでください。",
        f"飲む日の量のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(often, "お酒を飲む回数"), answer_ground(much, "飲む日の量(日本酒に直して)")),
        English(
            "A glass of water between drinks",
            f"At your checkup on {english.day(much.on)} you said that on a drinking day you have three cups of sake or "
            f"more, or as much of other drinks. That is about {least_g(much.value):.0f} g of alcohol or more. Above "
            f"{AT_ONCE_G} g at once, injuries and sudden trouble come more easily. {KNOWN_EN}"
            "You could set the amount before, eat first, or have a glass of water after each drink. "
            "Have none on days when you drive or take medicine.",
        ),
    )


RULE = Rule(
    id="alcohol_one_evening",
    title="1回に3合以上(回数は多くない)",
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
