"""Pressure a little high and the kidneys measured well: vegetables and fruit. Never without a kidney value."""

from advice_engine import english
from advice_engine.checkup_values import checkup_day, ground, office_pressure
from advice_engine.facts import Facts
from advice_engine.history import ANSWERS_HOLD_DAYS, diabetes_signs, heart_or_stroke, kidney_signs, latest, treated
from advice_engine.home_pressure import home_mean
from advice_engine.intakes import FRUIT_G, VEGETABLES_G
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.vetoes import ADULT
from advice_engine.words import by

LINE, HOME_LINE = (130, 85), (125, 75)
CLEAN_URINE = 1  # answer code −
SOURCE = pressure("生活習慣の修正(野菜・果物。腎臓の値が分かる方だけ)", verified=False)


def when(facts: Facts) -> Speech | None:
    said, kidneys = _pressure(facts), latest(facts, "egfr", within=ANSWERS_HOLD_DAYS)
    if said is None or kidneys is None or not _sound(facts):
        return None
    words, words_en, grounds = said
    return Speech(
        "野菜と果物を、ひと皿ずつ足しませんか",
        f"{words}野菜や果物には、塩分を外に出すカリウムが入っています。"
        f"目安は1日に野菜{VEGETABLES_G} g(小鉢5つ)、果物{FRUIT_G} g(みかん2個、または庄内柿1個)です。"
        "まずは朝にトマト半分か小松菜のおひたし、おやつにみかん1個から始めてみましょう。"
        "しょうゆやドレッシングは少なめに。腎臓のことで食事の指示がある方は、主治医の指示を先にしてください。",
        f"血圧と、健診の腎臓の値をもとにしています。{by(SOURCE)}",
        (*grounds, ground(kidneys)),
        English(
            "One more dish of vegetables, one fruit?",
            f"{words_en} Vegetables and fruit hold potassium, "
            f"which helps the body let go of salt. The aim is {VEGETABLES_G} g of vegetables and {FRUIT_G} g of fruit "
            "a day. That is five small dishes, and two mandarins or one Shonai persimmon. "
            "Begin with half a tomato in the morning and a mandarin in the afternoon. "
            "If a doctor has told you what to eat because of your kidneys, the doctor's word comes first.",
        ),
    )


def _pressure(facts: Facts) -> tuple[str, str, tuple[Ground, ...]] | None:
    """What is said of a pressure a little high, in Japanese and English, with its grounds; home comes first."""
    mean, found = home_mean(facts), office_pressure(facts, within=ANSWERS_HOLD_DAYS)
    if mean is not None:
        return (mean.said, english.home_mean(mean), mean.grounds) if mean.at_least(HOME_LINE) else None
    if found is None or not found.at_least(*LINE):
        return None
    said_en = f"Your checkup on {english.day(found.on)} showed {found.text_en}."
    return f"{checkup_day(found.on)}で、血圧は{found.text}でした。", said_en, found.grounds


def _sound(facts: Facts) -> bool:
    """No reason at all against potassium that we can know of: kidneys, heart, glucose, blood pressure medicine."""
    urine = latest(facts, "urine_protein", within=ANSWERS_HOLD_DAYS)
    clean = urine is not None and urine.value <= CLEAN_URINE
    ill = kidney_signs(facts) or heart_or_stroke(facts) or diabetes_signs(facts) or treated(facts, "bp")
    return facts.age >= ADULT and clean and not ill


RULE = Rule(
    id="vegetables_for_pressure",
    title="血圧が高めで、腎臓の値が目安の範囲(野菜と果物)",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="vegetables",
    needs=("checkups", "pressures", "conditions", "drugs"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="健診のあとに腎臓の治療や血圧の薬を始めた方、野菜をもともとよく食べている方。",
)
