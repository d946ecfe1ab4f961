"""Smokes, and wants to change something (questions 8 and 21): where help is."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import Found, answered
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import health_japan
from advice_engine.words import by

WILLING = (2, 3, 4, 5)  # within six months, within a month, has begun
SOURCE = health_japan("喫煙(やめたい人がやめる)。禁煙外来の回数と期間は未確認", verified=False)


def when(facts: Facts) -> Speech | None:
    smokes, wants = willing(facts)
    if smokes is None or wants is None:
        return None
    return Speech(
        "禁煙外来に、電話してみませんか",
        f"{checkup_day(smokes.on)}の質問票で、たばこを吸い、生活を変えたいとのお答えでした。そのお気持ちを応援します。"
        "禁煙外来では、医師や看護師と12週間ほど、5回くらい会いながら進めます。条件に合えば、健康保険が使えます。"
        "今週、近くの禁煙外来に1本電話してみましょう。どこにあるかは、市の保健師がご案内します。"
        "それまでは、朝の1本を30分おくらせることから始めてみませんか。すでにやめた方は、そのまま続けてください。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(smokes, "たばこを習慣的に吸っている"), answer_ground(wants, "生活習慣を改善する気持ち")),
        English(
            "How about calling a clinic that helps to stop smoking?",
            f"At your checkup on {english.day(smokes.on)} you answered that you smoke and would like to change "
            "something. At a stop-smoking clinic you meet a doctor or nurse about five times in twelve weeks. Health "
            "insurance pays if the conditions are met. "
            "Make one call this week: a public health nurse of the city knows where. "
            "Until then, have the first cigarette of the day half an hour later. "
            "If you have stopped already, please keep it up.",
        ),
    )


def willing(facts: Facts) -> tuple[Found | None, Found | None]:
    """The answers "smokes" and "wants to change something", of the same two years."""
    return answered(facts, "q_smoking", 1), answered(facts, "q_will", *WILLING)


RULE = Rule(
    id="smoking_will_to_stop",
    title="たばこを吸い、生活を変える気持ちがある",
    kind="advice",
    urgency=2,
    audience="citizen",
    topic="smoking",
    needs=("checkups",),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="変えたいのが食事や運動だけの方、答えのあとにやめた方、加熱式たばこだけの方。",
)
