"""Goes out less than once a week (後期高齢者の質問票 13): one outing, with somebody."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered
from advice_engine.rule import English, Rule, Speech
from advice_engine.season import season
from advice_engine.sources import older_questionnaire
from advice_engine.words import by

SOURCE = older_questionnaire("質問13(週1回以上の外出)")
SNOW = "雪の日は無理をせず、電話で10分話すだけでも十分です。"
SNOW_EN = "On snowy days ten minutes on the telephone will do. "


def when(facts: Facts) -> Speech | None:
    stays = answered(facts, "q75_goes_out", 2)
    if stays is None:
        return None
    snow = season(facts.today) == "snow"
    return Speech(
        "週に1回、15分のお出かけをしませんか",
        f"{checkup_day(stays.on)}の質問票で、外出は週に1回より少ないとのお答えでした。"
        "まずは週に1回、15分だけ、近所の店や友人の家へ出かけてみましょう。曜日を決めると続けやすくなります。"
        f"{SNOW if snow else ''}足が心配な方は、ご家族と一緒に、または体操教室の送りむかえを使う方法もあります。"
        "地域包括支援センターや保健師が、近くの集まりをご案内します。"
        "息切れや痛みで出かけられないときは、かかりつけの医療機関に相談してください。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(stays, "週1回以上の外出"),),
        English(
            "Go out once a week for a quarter of an hour",
            f"At your checkup on {english.day(stays.on)} you answered that you go out less than once a week. "
            "Begin with fifteen minutes once a week, to a shop nearby or to a friend. A fixed day makes it easier. "
            f"{SNOW_EN if snow else ''}"
            "Go with your family, or ask for a lift to an exercise class. The community support centre or a public "
            "health nurse knows what meets near you. "
            "If breathlessness or pain keeps you at home, ask your family doctor.",
        ),
    )


RULE = Rule(
    id="go_out_weekly",
    title="外出が週1回より少ない",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="going_out",
    needs=("checkups",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="介護や病気で家を離れられない方、畑や庭でよく動いている方。",
)
