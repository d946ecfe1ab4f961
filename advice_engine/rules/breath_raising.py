"""Below 65, walks enough and has no exercise habit (question 10): an hour a week that raises the breath."""

from advice_engine import english
from advice_engine.activities import activities
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import activity
from advice_engine.steps_guide import OLDER, ground, guide, usual
from advice_engine.vetoes import ADULT
from advice_engine.words import by, number

TWO_WEEKS = {"oldest": 14, "newest": 1}
TIMES, MINUTES = 3, 20  # 60 minutes a week
SOURCE = activity("運動 週4メッツ・時(息が弾む運動を週60分、成人)")


def when(facts: Facts) -> Speech | None:
    now, none = usual(facts, **TWO_WEEKS, at_least=7), answered(facts, "q_exercise", 2)
    if now is None or none is None or not ADULT <= facts.age < OLDER or now < guide(facts):
        return None
    counted = activities()["walk_brisk"].mets * TIMES * MINUTES / 60
    return Speech(
        "少し息がはずむ速さで、20分を週3回",
        f"歩く量は目安に届いています。{checkup_day(none.on)}の質問票では、続けている運動はないとのお答えでした。"
        f"次は、いつもの散歩のうち{MINUTES}分だけ、少し息がはずむ速さにしてみませんか。"
        f"週に{TIMES}回で60分になります。話はできるけれど歌うのは難しい、くらいの速さです。"
        "はじめの5分と終わりの5分は、ゆっくり歩きましょう。"
        "胸の痛みや強い息切れがあるときは休んで、医療機関に相談してください。",
        f"少し速歩きを週60分で、約{number(counted, 1)}メッツ・時です。{by(SOURCE)}",
        (ground(facts, **TWO_WEEKS), answer_ground(none, "30分以上の運動を週2日以上")),
        English(
            "Three times a week, twenty minutes that raise your breath",
            f"You walk enough. At your checkup on {english.day(none.on)} you answered that you have no regular "
            f"exercise. How about making {MINUTES} minutes of your walk a little faster, {TIMES} times a week? "
            "At the right speed you can still talk, but not sing. Walk slowly in the first and the last five minutes. "
            "With chest pain or strong breathlessness, rest and see a doctor.",
        ),
    )


RULE = Rule(
    id="breath_raising",
    title="よく歩くが、息のはずむ運動の習慣がない(65歳未満)",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="activity_menu",
    needs=("days:steps", "checkups"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="答えのあとに運動を始めた方、仕事で重い物を運ぶ方、ひざや腰に痛みのある方。",
)
