"""The forties and fifties with neither exercise nor walking (questions 10 and 11): ten minutes on the way."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import activity
from advice_engine.steps_guide import guide, usual
from advice_engine.words import by

FROM, TO = 40, 59
SOURCE = activity("プラス・テン(今より10分多く)。質問票10・11の答えと40〜50代は本システムの設定", verified=False)


def when(facts: Facts) -> Speech | None:
    exercise, walking = answered(facts, "q_exercise", 2), answered(facts, "q_walking", 2)
    if exercise is None or walking is None or not FROM <= facts.age <= TO:
        return None
    now = usual(facts, oldest=14, newest=1, at_least=7)
    if now is not None and now >= guide(facts):
        return None
    on = walking.on
    return Speech(
        "仕事の行き帰りに、10分だけ足してみませんか",
        f"{checkup_day(on)}の質問票で、運動や歩く時間が少なめとのお答えでした。"
        "運動の時間をとらなくても、ふだんの動きで足せます。"
        "まずは週に3日、職場の入口から遠いところに車をとめて5分歩く、2階までは階段を使う、を選んでみましょう。"
        "昼休みに5分歩くと、合わせて10分、約1,000歩です。"
        "胸の痛みや強い息切れがあるときは休んで、医療機関に相談してください。",
        f"質問票10・11のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(exercise, "30分以上の運動を週2日以上"), answer_ground(walking, "1日1時間以上の歩行")),
        English(
            "Ten minutes more on your way to work",
            f"At your checkup on {english.day(on)} you answered that you have little exercise and little walking. "
            "You need no extra time: everyday movement counts. "
            "On three days a week, park five minutes away from the door, and take the stairs up to the second floor. "
            "With five minutes at lunch that is ten minutes, about 1,000 steps. "
            "With chest pain or strong breathlessness, rest and see a doctor.",
        ),
    )


RULE = Rule(
    id="busy_years",
    title="40〜50代で、運動も歩く時間も少ない",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="activity_menu",
    needs=("checkups", "days:steps"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="答えのあとに運動を始めた方、体を使う仕事の方、車で通わない方。",
)
