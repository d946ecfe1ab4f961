"""Evening meal within two hours of bed, three times a week or more (questionnaire item 15)."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.history import answered
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

SOURCE = checkup("標準的な質問票15(就寝前の夕食)の解説")


def when(facts: Facts) -> Speech | None:
    late = answered(facts, "q_late_dinner", 1)
    if late is None:
        return None
    return Speech(
        "夕食を少しだけ、早めにしてみませんか",
        f"{checkup_day(late.on)}の質問票で、寝る前2時間以内の夕食が週に3回以上とのお答えでした。"
        "まずは週に1日、いつもより30分早く食べてみましょう。"
        "遅くなる日は、夕方におにぎり1個を先に食べて、帰ってからは汁物と軽いおかずにするのもよい方法です。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(late, "寝る前2時間以内の夕食が週3回以上ある"),),
        English(
            "Dinner a little earlier?",
            f"At your checkup on {english.day(late.on)} you said that you often have dinner within two hours of bed. "
            "You could begin with one day a week and eat half an hour earlier. "
            "On late days, have a rice ball in the evening first, then soup and a light dish at home.",
        ),
    )


RULE = Rule(
    id="late_dinner",
    title="寝る前2時間以内の夕食が週3回以上",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="meals",
    needs=("checkups",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="夜勤などで食べる時刻を選べない方、答えのあとに早めた方。",
)
