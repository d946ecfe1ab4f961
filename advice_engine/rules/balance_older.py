"""65 and older who walk slowly or fell: balance on three days a week, with a hand on the table."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.frailty import FELL, OLDER, strength_first
from advice_engine.history import Found, answered
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import activity
from advice_engine.words import by

ASKED = ((*FELL, "この1年間の転倒"), ("q75_slower", 1, "歩く速度が遅くなった"), ("q_walk_speed", 2, "歩く速度が速い"))
SOURCE = activity("高齢者 多要素な運動(筋力・バランス・柔軟性)を週3日以上")


def when(facts: Facts) -> Speech | None:
    found = _unsteady(facts) if facts.age >= OLDER and not strength_first(facts) else None
    if found is None:
        return None
    answer, what = found
    return Speech(
        "机に手をそえて、片足立ちを週3日",
        f"{checkup_day(answer.on)}の質問票のお答えから、足もとを確かにする運動をご案内します。"
        "机に手をそえて、片足を床から少し上げて10秒。左右3回ずつを、週に3日してみましょう。"
        "続けて、ふくらはぎをのばす体操を左右20秒ずつ。ラジオ体操を1回足すのもよい方法です。"
        "ふらつくときは、両手でつかまって、かかと上げを10回にしてください。"
        "胸の痛みやめまい、ひざの痛みがあるときは休んで、主治医に相談してください。",
        f"歩く速さや転倒のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(answer, what),),
        English(
            "Stand on one leg, a hand on the table, three days a week",
            f"Your answers of {english.day(answer.on)} suggest practising to stand firmly. "
            "With a hand on the table, lift one foot a little for ten seconds, three times on each side, on three days "
            "a week. Then stretch each calf for twenty seconds. Radio Exercise is a good addition. "
            "If you sway, hold on with both hands and raise your heels ten times instead. "
            "With chest pain, dizziness or painful knees, rest and ask your doctor.",
        ),
    )


def _unsteady(facts: Facts) -> tuple[Found, str] | None:
    answers = ((answered(facts, question, code), what) for question, code, what in ASKED)
    return next(((answer, what) for answer, what in answers if answer), None)


RULE = Rule(
    id="balance_older",
    title="65歳以上で、歩く速さが遅め、または転んだことがある",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="balance",
    needs=("checkups",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="もともとゆっくり歩く方、雪道で一度すべっただけの方、すでに体操教室に通う方。",
)
