"""June to September: out in the cool hours, by the day's WBGT. Water only where no doctor may have set a limit."""

from advice_engine.facts import Facts
from advice_engine.history import heart_or_stroke, kidney_signs
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.season import HEAT, season, this_season
from advice_engine.sources import heat
from advice_engine.steps_guide import CARRIED, OLDER, ground, usual
from advice_engine.vetoes import ADULT, left_to_doctor
from advice_engine.words import by

WEEK = {"oldest": 7, "newest": 1}
SOURCE = heat("日常生活の指針(28以上、31以上)。対象と時刻は本システムの設定")
DRINK = "のどがかわく前に、コップ半分の水かお茶を1時間に1回飲みましょう。"
DRINK_EN = "Drink half a glass of water or tea every hour, before you are thirsty. "
LIMIT = "飲み物の量は、主治医に言われている量を守ってください。"
LIMIT_EN = "As for drinking, keep to the amount your doctor has told you. "


def when(facts: Facts) -> Speech | None:
    grounds = _grounds(facts) if season(facts.today) == "heat" else ()
    if not grounds:
        return None
    held = kidney_signs(facts) or heart_or_stroke(facts) or left_to_doctor(facts, "diet")
    slow, stay, morning, evening = (HEAT[key] for key in ("slow_from", "stay_in_from", "morning_until", "evening_from"))
    return Speech(
        f"暑い日の外出は、朝{morning}時までか夕方{evening}時から",
        f"外の用事や畑の仕事は、朝{morning}時までか、夕方{evening}時からにしましょう。"
        f"天気予報の暑さ指数(WBGT)が{slow}以上の日は、外で体を動かすのを休みましょう。"
        f"{stay}以上の日は、冷房を28度くらいにした部屋で過ごしてください。"
        f"{LIMIT if held else DRINK}"
        "頭痛、はき気、ふらつきがあるときは、涼しいところで体を冷やしてください。"
        "水が飲めない、返事がおかしいときは、すぐ119番に電話してください。",
        f"6月から9月の間、年齢や歩数からお知らせしています。{by(SOURCE)}",
        grounds,
        English(
            f"On hot days go out before {morning} a.m. or after {evening - 12} p.m.",
            f"Do errands and field work before {morning} in the morning or after {evening - 12} in the evening. "
            f"When the heat index (WBGT) in the forecast is {slow} or more, rest from moving outside. "
            f"From {stay} on, stay in a room cooled to about 28 degrees. "
            f"{LIMIT_EN if held else DRINK_EN}"
            "With headache, nausea or dizziness, go to a cool place and cool your body. "
            "If somebody cannot drink or answers strangely, call 119 at once.",
        ),
    )


def _grounds(facts: Facts) -> tuple[Ground, ...]:
    walked = usual(facts, **WEEK, at_least=4)
    if facts.age >= OLDER:
        return (this_season(facts, metric="age", what="年齢", value=f"{OLDER}歳以上"),)
    return (ground(facts, **WEEK),) if walked is not None and walked >= CARRIED and facts.age >= ADULT else ()


RULE = Rule(
    id="heat_days",
    title="暑い季節の外出(65歳以上、または歩く習慣のある方)",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="heat",
    needs=("days:steps", "checkups", "conditions"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="涼しい夏、外に出ない方、冷房の中で働く方。",
)
