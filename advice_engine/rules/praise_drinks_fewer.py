"""Alcohol at or over the risk line at the checkup before, and below it at the newest (items 18 and 19)."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.drinking import GROWN_UP, NO_LONGER, at_risk
from advice_engine.facts import Checkup, Facts
from advice_engine.figures import ago
from advice_engine.history import ANSWERS_HOLD_DAYS, Found, checkups
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import drinking
from advice_engine.vetoes import left_to_doctor
from advice_engine.words import by, day

SOURCE = drinking("生活習慣病のリスクを高める飲酒量(質問票の組み合わせは国民健康・栄養調査)", verified=False)


def when(facts: Facts) -> Speech | None:
    asked = [one for one in checkups(facts) if "q_drink_frequency" in one.values][:2]
    if len(asked) < 2 or facts.age < GROWN_UP or left_to_doctor(facts, "diet"):
        return None
    now, then = (Found("q_drink_frequency", one.values["q_drink_frequency"], one.examined_on) for one in asked)
    if now.on < ago(facts, ANSWERS_HOLD_DAYS) or not (_much(facts, asked[1]) and _little(facts, asked[0])):
        return None
    return Speech(
        "お酒の量が、へりましたね",
        f"{day(then.on)}の質問票では、お酒の量が多めでした。{checkup_day(now.on)}のお答えでは、その線を下回っています。"
        "体への負担が軽くなっています。休む日を決めるなど、うまくいった工夫をこれからも続けてください。",
        f"前回と今回の質問票のお答えをくらべました。{by(SOURCE)}",
        (answer_ground(now, "お酒を飲む回数"), answer_ground(then, "お酒を飲む回数")),
        English(
            "You drink less than before",
            f"At your checkup on {english.day(then.on)} you drank rather much. By your answers on "
            f"{english.day(now.on)} you are below that line. That is easier on your body. "
            "Please keep to what has worked, such as fixed days without alcohol.",
        ),
    )


def _much(facts: Facts, asked: Checkup) -> bool:
    much = asked.values.get("q_drink_amount")
    return much is not None and at_risk(asked.values["q_drink_frequency"], much, facts.sex)


def _little(facts: Facts, asked: Checkup) -> bool:
    """Below the line, or no longer drinking; an amount that was not answered is not known to be little."""
    stopped = asked.values["q_drink_frequency"] in NO_LONGER
    return stopped or ("q_drink_amount" in asked.values and not _much(facts, asked))


RULE = Rule(
    id="praise_drinks_fewer",
    title="お酒の量がへった",
    kind="praise",
    urgency=1,
    audience="citizen",
    topic="praise_alcohol",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="行事の多い時期だけ多かった方、答えのあとにまた増えた方。",
    renews=True,
)
