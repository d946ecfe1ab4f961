"""Smokes (questionnaire item 8): a kind word, and where help is."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered
from advice_engine.rule import English, Rule, Speech
from advice_engine.rules.smoking_will_to_stop import WILLING
from advice_engine.sources import health_japan
from advice_engine.words import by

SOURCE = health_japan("喫煙(やめたい人がやめる)")


def when(facts: Facts) -> Speech | None:
    smokes = answered(facts, "q_smoking", 1)
    if smokes is None or answered(facts, "q_will", *WILLING):  # then smoking_will_to_stop speaks
        return None
    return Speech(
        "たばこを休む日を、つくってみませんか",
        f"{checkup_day(smokes.on)}の質問票で、たばこを吸うとのお答えでした。"
        "やめるのに遅すぎることはありません。まずは1日だけ、または朝の1本だけ、休んでみましょう。"
        "吸いたくなったら、水を飲む、歯をみがく、深呼吸をするのが役に立ちます。"
        "ひとりで難しいときは、禁煙外来や市の保健師が手伝います。すでにやめた方は、そのまま続けてください。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(smokes, "たばこを習慣的に吸っている"),),
        English(
            "How about a day without smoking?",
            f"At your checkup on {english.day(smokes.on)} you answered that you smoke. "
            "Every day without it does you good. Begin with one day, or leave out only the first cigarette of "
            "the morning. When you crave one, drink water, brush your teeth or breathe deeply. "
            "If it is hard alone, a stop-smoking clinic or a public health nurse of the city helps. "
            "If you have stopped already, please keep it up.",
        ),
    )


RULE = Rule(
    id="smoking",
    title="たばこを吸う",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="smoking",
    needs=("checkups",),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="答えのあとにやめた方。",
)
