"""65 and older without exercise: muscles on two or three days a week."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.frailty import OLDER, strength_first
from advice_engine.history import Found, answered
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import activity
from advice_engine.words import by

SOURCE = activity("高齢者 筋力トレーニング 週2〜3日")


def when(facts: Facts) -> Speech | None:
    none = no_exercise(facts)
    if none is None or facts.age < OLDER or strength_first(facts):
        return None
    return Speech(
        "週に2日、足の力を保つ運動をしませんか",
        f"{checkup_day(none.on)}の質問票で、運動の習慣はないとのお答えでした。"
        "テレビを見ながらできる運動を、週に2日から始めてみましょう。"
        "いすから立って座る動きを、ゆっくり5回。机に手をそえて、かかと上げを10回。"
        "慣れたら、どちらも2回くり返して、週に3日にしましょう。続けて2日せず、間に1日休むのがこつです。"
        "胸の痛みや強い息切れ、ひざや腰の痛みがあるときは休んで、主治医に相談してください。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(none, "運動の習慣"),),
        English(
            "Keep your legs strong, two days a week",
            f"At your checkup on {english.day(none.on)} you answered that you have no exercise habit. "
            "Begin on two days a week, perhaps while you watch television. "
            "Stand up from a chair and sit down slowly, five times. Raise your heels ten times, with a hand on the "
            "table. Later do both twice, on three days a week, with a day of rest between. "
            "With chest pain, strong breathlessness, or painful knees or back, rest and ask your doctor.",
        ),
    )


def no_exercise(facts: Facts) -> Found | None:
    """The answer "no exercise", of 標準的な質問票 (10) or 後期高齢者の質問票 (9)."""
    return answered(facts, "q75_exercise", 2) or answered(facts, "q_exercise", 2)


RULE = Rule(
    id="strength_older",
    title="65歳以上で、運動の習慣がない",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="strength",
    needs=("checkups",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="答えのあとに運動を始めた方、農作業でよく動いている方、ひざや腰に痛みのある方。",
)
