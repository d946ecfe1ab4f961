"""Checkup waist at 85 cm (men) or 90 cm (women), or BMI of 25 and more, between 18 and 74 years."""

from advice_engine import english
from advice_engine.change import most_moved
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, ground, listed, newest_with
from advice_engine.facts import Checkup, Facts
from advice_engine.figures import ago
from advice_engine.history import Found
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.stratify import LINES
from advice_engine.vetoes import ADULT, left_to_doctor
from advice_engine.words import by

SOURCE = checkup("保健指導対象者の階層化(腹囲、BMI)")
OLDEST, CLINIC = 74, 35.0
DO = "まずは、今の体重を週に1回はかって、増えていないか確かめてみましょう。"
DO_EN = "You could begin by weighing yourself once a week, to see that it does not rise."
ASK, ASK_EN = (
    "体重のことは、次に医療機関に行くときに相談しましょう。",
    "Talk about your weight at your next visit to the doctor.",
)


def when(facts: Facts) -> Speech | None:
    newest = newest_with(facts, ("waist", "bmi"))
    if newest is None or newest.examined_on < ago(facts, FRESH_DAYS) or not ADULT <= facts.age <= OLDEST:
        return None
    found, on = _over(newest, facts.sex), newest.examined_on
    if not found:
        return None
    held, move = left_to_doctor(facts, "diet"), most_moved(facts, found)
    return Speech(
        "おなかまわりと体格を、ふり返ってみましょう",
        f"{checkup_day(on)}で、{listed(found)}でした。"
        "目安は、腹囲が男性85 cm未満・女性90 cm未満、BMIが25未満です。"
        f"{move.words if move else ''}{ASK if held else DO}",
        f"{listed(found)}。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "A look at your waist and build",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. "
            "The lines are a waist below 85 cm for men and 90 cm for women, and a BMI below 25. "
            f"{move.english if move else ''}{ASK_EN if held else DO_EN}",
        ),
    )


def _over(newest: Checkup, sex: str) -> list[Found]:
    """The waist (of whom the sex is known) and the BMI, where at or over the line; 35 and more is a clinic's matter."""
    lines = {"bmi": LINES["fat"]["bmi"]}
    if sex in ("male", "female"):
        lines["waist"] = LINES["fat"]["waist_M" if sex == "male" else "waist_F"]
    if newest.values.get("bmi", 0) >= CLINIC:
        return []
    held = (Found(metric, newest.values[metric], newest.examined_on) for metric in lines if metric in newest.values)
    return [one for one in held if one.value >= lines[one.metric]]


RULE = Rule(
    id="feedback_waist",
    title="健診の腹囲・BMIが目安以上",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="feedback_waist",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="筋肉の多い方、腹囲を服の上から測った方、妊娠中の方。",
    renews=True,
)
