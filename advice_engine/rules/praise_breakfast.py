"""Skipped breakfast at the checkup before, and no longer at the newest (questionnaire item 17)."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered, before
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import food_education
from advice_engine.vetoes import ADULT, left_to_doctor
from advice_engine.words import by, day

SOURCE = food_education("朝食を欠食する人を減らす目標")


def when(facts: Facts) -> Speech | None:
    now, then = answered(facts, "q_skip_breakfast", 2), before(facts, "q_skip_breakfast")
    if now is None or then is None or then.value != 1 or facts.age < ADULT or left_to_doctor(facts, "diet"):
        return None
    return Speech(
        "朝食の習慣が、身についてきました",
        f"{day(then.on)}の質問票では、朝食を抜くことが週に3回以上とのお答えでした。"
        f"{checkup_day(now.on)}では、抜かないとのお答えでした。毎日の工夫が続いていますね。"
        "忙しい朝は、前の夜に用意しておくと続けやすくなります。",
        f"前回と今回の質問票のお答えをくらべました。{by(SOURCE)}",
        (answer_ground(now, "朝食を抜くことが週3回以上ある"), answer_ground(then, "朝食を抜くことが週3回以上ある")),
        English(
            "Breakfast has become a habit",
            f"At your checkup on {english.day(then.on)} you skipped breakfast three times a week or more. "
            f"At your checkup on {english.day(now.on)} you said that you no longer do. Well done. "
            "On busy days, putting it ready the evening before makes it easier to keep up.",
        ),
    )


RULE = Rule(
    id="praise_breakfast",
    title="朝食を抜かなくなった",
    kind="praise",
    urgency=1,
    audience="citizen",
    topic="praise_breakfast",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="答えのあとにまた抜くようになった方、答えの書き違い。",
    renews=True,
)
