"""On treatment, 75 and older, home mean between 125/75 and 135/85: the goal is the doctor's to set."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.home_pressure import GOAL_BY_AGE, near_the_goal
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.words import by

SOURCE = pressure("75歳以上の降圧目標(体の調子に合わせて決める)")


def when(facts: Facts) -> Speech | None:
    mean = near_the_goal(facts)
    if mean is None or facts.age < GOAL_BY_AGE:
        return None
    return Speech(
        "血圧の「自分の目標」を聞いてみましょう",
        f"{mean.said}75歳以上の方の目標は、体の調子やふらつきを見ながら、主治医と決めるものです。"
        "お薬は今までどおり続けて、次の受診で記録を見せ、「わたしの目標はいくつですか」と聞いてみましょう。"
        "立ちくらみやふらつきがあるときは、それも伝えてください。",
        f"家庭血圧の平均と年齢をもとにしています。{by(SOURCE)}",
        mean.grounds,
        English(
            "Ask for your own blood pressure target",
            f"{english.home_mean(mean)} From 75 on, the target is set with your doctor, who looks at how you "
            "feel. Keep taking your "
            "medicine as before, show the record at your next visit and ask what your own target is. Tell them "
            "if you feel "
            "dizzy or unsteady.",
        ),
    )


RULE = Rule(
    id="home_pressure_goal_older",
    title="75歳以上で治療中の方の家庭血圧の目標",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="home_pressure_goal",
    needs=("pressures", "checkups", "drugs"),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="もう主治医と目標を決めている方。",
)
