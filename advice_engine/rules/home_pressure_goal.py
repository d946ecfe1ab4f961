"""On treatment, under 75, home mean between the target of 125/75 and 135/85."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.home_pressure import GOAL_BY_AGE, near_the_goal
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.words import by

SOURCE = pressure("降圧目標(家庭血圧 125/75 mmHg未満)")


def when(facts: Facts) -> Speech | None:
    mean = near_the_goal(facts)
    if mean is None or facts.age >= GOAL_BY_AGE:
        return None
    return Speech(
        "血圧の記録を、次の受診で見せましょう",
        f"{mean.said}治療中の方の家での目標は、125/75 mmHg未満とされています。もう少しのところです。"
        "お薬は今までどおり続けて、次の受診で記録を見せ、ご自分の目標を聞いてみましょう。",
        f"家庭血圧の平均が、目標と135/85 mmHgの間です。{by(SOURCE)}",
        mean.grounds,
        English(
            "Show your blood pressure record at your next visit",
            f"{english.home_mean(mean)} Under treatment, the target at home is below 125/75 mmHg: you are not "
            "far from it. "
            "Keep taking your medicine as before, show the record at your next visit and ask for your own target.",
        ),
    )


RULE = Rule(
    id="home_pressure_goal",
    title="治療中で、家庭血圧が目標(125/75)と135/85の間",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="home_pressure_goal",
    needs=("pressures", "checkups", "drugs"),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="主治医と別の目標を決めている方、寒い時期。",
)
